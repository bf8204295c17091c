//! A headless Chromium, driven by its `DevTools` protocol (<https://chromedevtools.github.io/devtools-protocol/>) over a pipe:
//! messages of JSON, each ended by a zero byte, in on file descriptor 3 and out on 4.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Names under which it is installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// A browser that does not answer is broken; this is no measure of its speed.
const PATIENCE: Duration = Duration::from_mins(2);

/// One tab of a browser of its own.
pub(super) struct Tab {
    browser: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    events: VecDeque<Value>,
    session: String,
    last: u64,
    _profile: tempfile::TempDir,
}

impl Tab {
    /// Opens one; nothing where no browser is installed, and then says so.
    pub(super) fn open() -> Option<Self> {
        let installed = |name: &&str| {
            let probe = Command::new(name).arg("--version").stderr(Stdio::null()).output();
            probe.is_ok_and(|output| output.status.success())
        };
        let Some(name) = NAMES.into_iter().find(installed) else {
            let _ = writeln!(
                std::io::stderr(),
                "skipped: the page in a browser (none of {} is there; scripts/install-debian-tools browser)",
                NAMES.join(", ")
            );
            return None;
        };
        let profile = tempfile::tempdir().expect("a folder");
        // The sandbox wants rights that containers lack; the pages are this project's own.
        let script = format!(
            "exec {name} --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
             --disable-background-networking --disable-component-update --user-data-dir=\"$1\" --remote-debugging-pipe \
             3<&0 4>&1 1>&2 2>/dev/null"
        );
        let mut browser = Command::new("sh")
            .args(["-c", &script, "sh"])
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let input = browser.stdin.take().expect("a pipe");
        let output = browser.stdout.take().expect("a pipe");
        let (send, messages) = channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(output);
            let mut message = Vec::new();
            while reader.read_until(0, &mut message).is_ok_and(|read| read > 0) {
                message.pop();
                let value = serde_json::from_slice(&message).expect("the browser speaks JSON");
                if send.send(value).is_err() {
                    break;
                }
                message.clear();
            }
        });
        let mut tab = Self {
            browser,
            input,
            messages,
            events: VecDeque::new(),
            session: String::new(),
            last: 0,
            _profile: profile,
        };
        let target = tab.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attached =
            tab.call("Target.attachToTarget", &json!({ "targetId": target["targetId"], "flatten": true }));
        attached["sessionId"].as_str().expect("a session").clone_into(&mut tab.session);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.call(&format!("{domain}.enable"), &json!({}));
        }
        Some(tab)
    }

    /// Calls a method and gives its result.
    pub(super) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.input.write_all(format!("{message}\0").as_bytes()).expect("the browser listens");
        loop {
            let answer = self.next(method);
            if answer["id"] == json!(self.last) {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.push_back(answer);
        }
    }

    fn next(&mut self, what: &str) -> Value {
        let began = Instant::now();
        self.messages
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|why| panic!("{what}: the browser said nothing in {:?} ({why})", began.elapsed()))
    }

    /// Opens a file and waits until it is loaded. Events of before are forgotten.
    pub(super) fn go(&mut self, path: &Path) {
        self.events.clear();
        self.call("Page.navigate", &json!({ "url": format!("file://{}", path.display()) }));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.next("Page.loadEventFired");
            self.events.push_back(event);
        }
    }

    /// What an expression gives, by value.
    pub(super) fn evaluate(&mut self, expression: &str) -> Value {
        let parameters = &json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", parameters);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    /// Presses and releases a key, as the keyboard does.
    pub(super) fn press(&mut self, key: &str) {
        let text = if key == "Enter" { "\r" } else { key };
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            " " => 32,
            _ => 0,
        };
        let mut down = json!({ "type": "keyDown", "key": key, "windowsVirtualKeyCode": code });
        if key != "Tab" {
            down["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", &down);
        let up = json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code });
        self.call("Input.dispatchKeyEvent", &up);
    }

    /// The width of the window, as of a phone or a desktop.
    pub(super) fn resize(&mut self, width: u32, height: u32) {
        let screen =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", &screen);
    }

    /// What the reader prefers: `light` or `dark`; and `screen` or `print`.
    pub(super) fn prefer(&mut self, scheme: &str, media: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "media": media, "features": features }));
    }

    /// Errors, warnings and messages on the console since the page was opened, and what the page asked the network for.
    pub(super) fn complaints(&mut self) -> Vec<String> {
        // What was under way has arrived by the time another call is answered.
        self.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))");
        let wrong = self.events.iter().filter_map(|event| {
            let parameters = &event["params"];
            match event["method"].as_str()? {
                "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" | "Log.entryAdded" => {
                    Some(parameters.to_string())
                }
                "Network.requestWillBeSent" => {
                    let url = parameters["request"]["url"].as_str()?;
                    (!url.starts_with("file:") && !url.starts_with("data:")).then(|| url.to_owned())
                }
                _ => None,
            }
        });
        wrong.collect()
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}
