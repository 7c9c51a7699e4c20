//! A real browser, driven over the DevTools protocol through a pipe.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

/// Chromium without a window.
pub struct Browser {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    session: Option<String>,
    next: u64,
    /// What happened without being asked for.
    pub events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// The browser; none where it is not installed, which is a fault where CI runs.
    pub fn start() -> Option<Browser> {
        let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
        let is_there = |name: &&&str| {
            let found = Command::new(name).arg("--version").output();
            found.is_ok_and(|output| output.status.success())
        };
        let Some(name) = names.iter().find(is_there) else {
            assert!(
                std::env::var_os("CI").is_none(),
                "chromium is missing: apt-get install chromium"
            );
            eprintln!("not tested: chromium is missing (apt-get install chromium)");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        // Chromium reads the commands from descriptor 3 and answers on 4.
        let mut child = Command::new("sh")
            .args([
                "-c",
                "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null",
                name,
            ])
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
            ])
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--disable-dev-shm-usage", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut browser = Browser {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            session: None,
            next: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let target = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", target);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let mut message = json!({"id": self.next, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.input
            .write_all(format!("{message}\0").as_bytes())
            .unwrap();
        self.input.flush().unwrap();
        loop {
            let mut text = Vec::new();
            self.output.read_until(0, &mut text).unwrap();
            text.pop();
            let answer: Value = serde_json::from_slice(&text).unwrap();
            if answer["id"] == json!(self.next) {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    /// Opens a page on a screen of this size, and waits until it is ready.
    pub fn open(&mut self, page: &Path, (width, height): (u32, u32), dark: bool) {
        let screen =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", screen);
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", media);
        self.call("Page.navigate", json!({"url": "about:blank"}));
        self.call(
            "Page.navigate",
            json!({"url": format!("file://{}", page.display())}),
        );
        for _ in 0..400 {
            let ready = "location.protocol === 'file:' && document.readyState === 'complete' && \
                         document.documentElement.hasAttribute('data-ready')";
            if self.js(ready) == json!(true) {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        panic!("the page is not ready: {:?}", self.events);
    }

    /// The value of an expression in the page.
    pub fn js(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", params);
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    /// Waits until an expression has a value: what a key or a click does may come later.
    pub fn expect(&mut self, expression: &str, value: &Value) {
        let mut found = Value::Null;
        for _ in 0..100 {
            found = self.js(expression);
            if found == *value {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert_eq!(found, *value, "{expression}");
    }

    /// Presses a key.
    pub fn key(&mut self, key: &str) {
        let mut down = json!({"type": "keyDown", "key": key});
        if key.chars().count() == 1 {
            down["text"] = json!(key);
        }
        self.call("Input.dispatchKeyEvent", down);
        self.call(
            "Input.dispatchKeyEvent",
            json!({"type": "keyUp", "key": key}),
        );
    }

    /// Moves the mouse to the middle of an element, and presses it there where `click`.
    pub fn mouse(&mut self, id: &str, click: bool) {
        let place = self.js(&format!(
            "(() => {{ const e = document.getElementById('{id}'); \
             e.scrollIntoView({{block: 'center'}}); const r = e.getBoundingClientRect(); \
             return [r.left + Math.min(120, r.width / 2), r.top + r.height / 2]; }})()"
        ));
        let mut event = json!({"type": "mouseMoved", "x": place[0], "y": place[1]});
        self.call("Input.dispatchMouseEvent", event.clone());
        if click {
            for kind in ["mousePressed", "mouseReleased"] {
                event["type"] = json!(kind);
                event["button"] = json!("left");
                event["clickCount"] = json!(1);
                self.call("Input.dispatchMouseEvent", event.clone());
            }
        }
    }

    /// Lets the page's timers run.
    pub fn wait(&mut self) {
        self.js("new Promise(done => setTimeout(done, 250))");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
