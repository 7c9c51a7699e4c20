(function () {
  "use strict";
  var root = document.documentElement;
  var at = document.getElementById("at");
  var keys = document.getElementById("keys");
  var points = Array.prototype.slice.call(document.querySelectorAll(".pt"));
  var tasks = Array.prototype.slice.call(document.querySelectorAll(".task"));
  var lit = [];
  var pinned = null;
  var before = null;
  var current = null;
  var timer = 0;

  /* The theme: the system's, until somebody chooses. */
  function stored(value) {
    try {
      if (value === undefined) { return localStorage.getItem("migrate-theme"); }
      localStorage.setItem("migrate-theme", value);
    } catch (e) { /* A page without storage forgets. */ }
    return null;
  }
  function isDark() {
    var chosen = root.getAttribute("data-theme");
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }
  function theme() {
    var next = isDark() ? "light" : "dark";
    root.setAttribute("data-theme", next);
    stored(next);
  }
  var chosen = stored();
  if (chosen === "dark" || chosen === "light") { root.setAttribute("data-theme", chosen); }

  /* Lines and their counterparts: data-l holds the line numbers on the other side. */
  function counterparts(line) {
    var id = /^(.*)-([pr])(\d+)$/.exec(line.id);
    var to = line.getAttribute("data-l");
    if (!id || !to) { return []; }
    var other = id[1] + "-" + (id[2] === "p" ? "r" : "p");
    return to.split(" ").map(function (n) { return document.getElementById(other + n); })
      .filter(Boolean);
  }
  function show(line) {
    var box = line.closest(".code");
    var inner = line.getBoundingClientRect();
    var outer = box.getBoundingClientRect();
    if (inner.top < outer.top || inner.bottom > outer.bottom) {
      box.scrollTop += inner.top - outer.top - box.clientHeight / 3;
    }
  }
  function light(line, name) {
    lit.forEach(function (old) { old.classList.remove("on", "pin"); });
    lit = [];
    if (!line) { return; }
    var others = counterparts(line);
    if (!others.length) { return; }
    lit = [line].concat(others);
    lit.forEach(function (one) { one.classList.add(name); });
    clearTimeout(timer);
    timer = setTimeout(function () { if (lit[0] === line) { show(others[0]); } }, name === "on" ? 150 : 0);
  }
  function lineOf(target) {
    return target && target.closest ? target.closest(".l") : null;
  }
  document.addEventListener("pointerover", function (event) {
    var line = lineOf(event.target);
    if (!pinned && event.pointerType !== "touch" && (!line || line !== lit[0])) { light(line, "on"); }
  });
  /* Pressing the button moves the focus, which pins, before it clicks. */
  document.addEventListener("pointerdown", function () { before = pinned; });
  document.addEventListener("click", function (event) {
    var line = lineOf(event.target);
    if (!line || String(getSelection())) { return; }
    pinned = before === line ? null : line;
    light(line, pinned ? "pin" : "on");
  });
  document.addEventListener("focusin", function (event) {
    var line = lineOf(event.target);
    if (line) { pinned = line; light(line, "pin"); }
  });

  function go(target) {
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  }
  function say() {
    if (!points.length) { at.textContent = ""; return; }
    var index = points.indexOf(current);
    at.textContent = index < 0 ? points.length + (points.length === 1 ? " point" : " points")
      : index + 1 + " of " + points.length;
  }
  function step(by) {
    if (!points.length) { return; }
    var index = points.indexOf(current);
    index = index < 0 ? (by > 0 ? 0 : points.length - 1) : (index + by + points.length) % points.length;
    current = points[index];
    var line = current.classList.contains("l") ? current : current.previousElementSibling;
    while (line && line.classList.contains("note")) { line = line.previousElementSibling; }
    go(current);
    if (line && line.classList.contains("l")) { pinned = line; light(line, "pin"); }
    say();
  }
  function task(by) {
    if (!tasks.length) { return; }
    var y = 60;
    var index = -1;
    tasks.forEach(function (one, i) { if (one.getBoundingClientRect().top <= y) { index = i; } });
    index = Math.max(0, Math.min(tasks.length - 1, index + by));
    tasks[index].focus({ preventScroll: true });
    tasks[index].scrollIntoView();
  }
  function across() {
    var line = lineOf(document.activeElement) || pinned;
    var others = line ? counterparts(line) : [];
    if (others.length) { go(others[0]); }
  }
  function release() {
    pinned = null;
    light(null);
    if (lineOf(document.activeElement)) { document.activeElement.blur(); }
  }
  var actions = {
    j: function () { step(1); },
    k: function () { step(-1); },
    n: function () { task(1); },
    p: function () { task(-1); },
    g: function () { scrollTo(0, 0); },
    t: theme,
    "?": function () { keys.showModal(); },
    Escape: release,
    Enter: across
  };
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) { return; }
    var tag = event.target.tagName;
    if (tag === "INPUT" || tag === "TEXTAREA" || tag === "SELECT") { return; }
    if (event.key === "Enter" && (tag === "A" || tag === "BUTTON" || tag === "SUMMARY")) { return; }
    var action = Object.prototype.hasOwnProperty.call(actions, event.key) && actions[event.key];
    if (action) { event.preventDefault(); action(); }
  });
  document.getElementById("prev").addEventListener("click", actions.k);
  document.getElementById("next").addEventListener("click", actions.j);
  document.getElementById("theme").addEventListener("click", theme);
  document.getElementById("help").addEventListener("click", actions["?"]);

  function arrive() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) { return; }
    if (points.indexOf(target) >= 0) { current = target; say(); }
    if (target.classList.contains("l") || target.classList.contains("pt")) { go(target); }
  }
  addEventListener("hashchange", arrive);
  say();
  arrive();
  root.setAttribute("data-ready", "");
})();
