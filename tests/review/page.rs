//! The page in Chromium: links both ways, keys, light and dark, narrow screens, and nothing
//! from outside.

use super::App;
use super::browser::Browser;
use serde_json::{Value, json};

/// The ids of the lines that are lit.
const LIT: &str = "Array.from(document.querySelectorAll('.on, .pin')).map(e => e.id).sort()";

fn class(browser: &mut Browser, id: &str) -> String {
    let class = browser.js(&format!("document.getElementById('{id}').className"));
    class.as_str().unwrap().to_owned()
}

/// The line of a text with this in it.
fn line(text: &str, part: &str) -> usize {
    1 + text.lines().position(|line| line.contains(part)).unwrap()
}

// One browser for all: starting it takes longer than what is tested.
#[test]
fn the_page_works_in_chromium() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let app = App::known();
    let (_, path) = app.page(&[]);
    browser.open(&path, (1440, 900), false);
    lines_are_marked(&mut browser);
    links_lead_both_ways(&mut browser, &app);
    keys_walk_through_the_points(&mut browser);
    the_theme_follows_the_system_until_it_is_chosen(&mut browser, &path);
    plots_are_drawn(&mut browser);
    for width in [360, 768, 1440] {
        for dark in [false, true] {
            browser.open(&path, (width, 800), dark);
            let scroll = browser.js("document.documentElement.scrollWidth");
            assert_eq!(scroll, json!(width), "the page scrolls sideways at {width}");
        }
    }
    narrow_screens_stack(&mut browser, &path);
    let (_, alone) = app.page(&["other"]);
    browser.open(&alone, (1440, 900), false);
    assert_eq!(
        browser.js("document.querySelectorAll('.index').length"),
        json!(0)
    );
    nothing_comes_from_outside(&browser);
}

fn lines_are_marked(browser: &mut Browser) {
    assert!(class(browser, "task-py-p8").contains(" x"));
    assert!(class(browser, "task-py-p14").contains(" u"));
    assert!(class(browser, "task-py-p16").contains("hole"));
    let said = browser.js("document.querySelector('#task-py-p14 a').getAttribute('aria-label')");
    assert_eq!(said, json!("Python line 14, not executed"));
    let text = browser.js("document.querySelector('#task-py-p16 code').textContent");
    assert_eq!(
        text,
        json!("    state.n = eval(\"</script><script>alert(1)</script>\")\n")
    );
    let notes = browser
        .js("Array.from(document.querySelectorAll('#task-py .note b')).map(e => e.textContent)");
    assert_eq!(notes, json!(["state", "one way only", "hole"]));
}

fn links_lead_both_ways(browser: &mut Browser, app: &App) {
    let rust = app.text("src/tasks/py.rs");
    let python = line(&app.text("python/py.py"), "state.last = 0.0");
    let rust = line(&rust, "state.last = 0.0");
    let (python, rust) = (format!("task-py-p{python}"), format!("task-py-r{rust}"));
    let both = json!([python, rust]);
    for (one, other) in [(&python, &rust), (&rust, &python)] {
        browser.js("document.activeElement.blur()");
        browser.key("Escape");
        browser.mouse("theme", false);
        browser.mouse(one, false);
        browser.expect(LIT, &both);
        browser.mouse(one, true);
        browser.wait();
        browser.expect(LIT, &both);
        let seen = browser.js(&format!(
            "(() => {{ const l = document.getElementById('{other}'); \
             const r = l.getBoundingClientRect(), b = l.closest('.code').getBoundingClientRect(); \
             return r.top >= b.top - 1 && r.bottom <= b.bottom + 1; }})()"
        ));
        assert_eq!(seen, json!(true), "{other} is scrolled into view");
        browser.key("Escape");
        browser.expect(LIT, &json!([]));
        browser.js(&format!("document.getElementById('{one}').focus()"));
        browser.expect(LIT, &both);
        browser.key("Enter");
        browser.expect("document.activeElement.id", &json!(other));
    }
}

fn keys_walk_through_the_points(browser: &mut Browser) {
    let all = browser.js("Array.from(document.querySelectorAll('.pt')).map(e => e.id)");
    let all: Vec<Value> = all.as_array().unwrap().clone();
    assert!(all.len() >= 5, "{all:?}");
    browser.js("document.activeElement.blur()");
    for id in &all {
        browser.key("j");
        browser.expect("document.activeElement.id", id);
        let seen = browser.js(
            "(() => { const r = document.activeElement.getBoundingClientRect(); \
             return r.bottom > 44 && r.top < innerHeight; })()",
        );
        assert_eq!(seen, json!(true), "{id} is in view");
    }
    browser.key("j");
    browser.expect("document.activeElement.id", &all[0]);
    browser.key("k");
    browser.expect("document.activeElement.id", all.last().unwrap());
    browser.key("g");
    browser.key("n");
    browser.expect("document.activeElement.id", &json!("task-py"));
    browser.key("n");
    browser.expect("document.activeElement.id", &json!("task-other"));
    browser.key("p");
    browser.expect("document.activeElement.id", &json!("task-py"));
    browser.key("?");
    browser.expect("document.getElementById('keys').open", &json!(true));
    browser.key("j");
    browser.expect(
        "document.activeElement.closest('dialog') !== null",
        &json!(true),
    );
    browser.js("document.getElementById('keys').close()");
    let ring = browser.js(
        "(() => { const l = document.getElementById('next'); l.focus({focusVisible: true}); \
         return getComputedStyle(l).outlineStyle; })()",
    );
    assert_eq!(ring, json!("solid"));
    let skip = browser.js("document.querySelector('.skip').getAttribute('href')");
    assert_eq!(skip, json!("#tasks"));
    let lost = browser.js("Array.from(document.querySelectorAll('a[href^=\"#\"]')).map(a => a.getAttribute('href').slice(1)) \
         .filter(id => !document.getElementById(id))");
    assert_eq!(lost, json!([]), "links that lead nowhere");
    let twice = browser.js(
        "(() => { const ids = Array.from(document.querySelectorAll('[id]')).map(e => e.id); \
         return ids.filter((id, i) => ids.indexOf(id) !== i); })()",
    );
    assert_eq!(twice, json!([]), "ids that are there twice");
}

fn the_theme_follows_the_system_until_it_is_chosen(browser: &mut Browser, path: &std::path::Path) {
    let background = "getComputedStyle(document.body).backgroundColor";
    let light = browser.js(background);
    browser.open(path, (1440, 900), true);
    let dark = browser.js(background);
    assert_ne!(light, dark);
    browser.key("t");
    browser.expect(background, &light);
    browser.js("document.getElementById('theme').click()");
    browser.expect(background, &dark);
    // The choice is kept; the browser may write it down a little later.
    for _ in 0..20 {
        browser.open(path, (1440, 900), false);
        if browser.js(background) == dark {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(browser.js(background), dark, "the choice is kept");
    browser.js("localStorage.clear()");
    // Text has to stand out from what is behind it, in both.
    for is_dark in [false, true] {
        browser.open(path, (1440, 900), is_dark);
        let poor = browser.js(CONTRAST);
        assert_eq!(poor, json!([]), "dark: {is_dark}");
    }
}

/// The classes of elements whose text has less than 4.5 to 1 of contrast.
const CONTRAST: &str = "(() => {
  const parts = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || ['SCRIPT', 'STYLE'].includes(e.tagName)) continue;
    const a = light(parts(getComputedStyle(e).color).slice(0, 3)), b = light(behind(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.add(e.tagName + '.' + e.className + ' in ' + e.parentElement.className + ' ' + ratio.toFixed(2));
  }
  return Array.from(poor);
})()";

fn plots_are_drawn(browser: &mut Browser) {
    let drawn = browser.js(
        "Array.from(document.querySelectorAll('#task-py-d1 svg path')).map(p => [p.getAttribute('class'), p.getBBox().width > 0 || p.getBBox().height > 0])",
    );
    let expected = json!([
        ["mark", true],
        ["python", true],
        ["rust", true],
        ["mark", true],
        ["zero", true],
        ["apart", true]
    ]);
    assert_eq!(drawn, expected);
    let rows = browser.js("document.querySelectorAll('#task-py-d1 .near tbody tr.differs').length");
    assert_eq!(rows, json!(4));
}

fn narrow_screens_stack(browser: &mut Browser, path: &std::path::Path) {
    let beside = "(() => { const p = document.getElementById('task-py-python').getBoundingClientRect(), \
         r = document.getElementById('task-py-rust').getBoundingClientRect(); return r.top < p.bottom; })()";
    browser.open(path, (360, 800), false);
    assert_eq!(browser.js(beside), json!(false));
    let cut = browser.js("Array.from(document.querySelectorAll('.bar button')).filter(b => b.getBoundingClientRect().right > 360).length");
    assert_eq!(cut, json!(0));
    browser.open(path, (1440, 800), false);
    assert_eq!(browser.js(beside), json!(true));
}

fn nothing_comes_from_outside(browser: &Browser) {
    for event in &browser.events {
        let method = event["method"].as_str().unwrap_or_default();
        let params = &event["params"];
        match method {
            "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded" => {
                panic!("the console says: {params}");
            }
            "Network.requestWillBeSent" => {
                let url = params["request"]["url"].as_str().unwrap();
                let own = ["file:///", "data:", "about:"];
                assert!(
                    own.iter().any(|start| url.starts_with(start)),
                    "{url} is asked for"
                );
            }
            _ => {}
        }
    }
}
