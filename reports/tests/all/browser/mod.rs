//! The page in a real browser: sorting, filtering, folding, the keyboard, a phone, paper, no script.

mod devtools;

use crate::fixture;
use devtools::Tab;
use harness::judge::wire::results::Results;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The page of `results` as a file in a folder.
fn page(results: &Results) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("index.html");
    std::fs::write(&path, reports::html::page(results)).expect("written");
    (folder, path)
}

/// What helps to look at the page from within.
const HELPERS: &str = "
    const rowsOf = (id) => [...document.getElementById(id).querySelectorAll('tbody tr:not(.group)')];
    const seen = (element) => element.getClientRects().length > 0;
    const column = (id, n) => rowsOf(id).filter(seen).map((row) => row.cells[n].textContent);
    const values = (id, n) => rowsOf(id).filter(seen).map((row) => row.cells[n].dataset.v).filter(Boolean).map(Number);
    const head = (id, n) => document.querySelectorAll(`#${id} thead th`)[n];
    const sort = (id, n) => head(id, n).querySelector('button').click();
    const form = (id) => document.querySelector(`form[data-table=${id}]`);
    const set = (id, name, value) => {
        const field = form(id).elements[name];
        if (typeof value === 'boolean') field.checked = value; else field.value = value;
        field.dispatchEvent(new Event('input', { bubbles: true }));
    };
    const ascending = (list) => list.length > 1 && list.every((v, i) => i === 0 || list[i - 1] <= v);
    const descending = (list) => ascending([...list].reverse());
";

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().expect("a list");
    list.iter().map(|one| one.as_str().expect("a text").to_owned()).collect()
}

#[test]
fn tables_sort_filter_and_fold() {
    let Some(mut tab) = Tab::open() else { return };
    let (_folder, path) = page(&fixture::with_wrong_answer());
    tab.go(&path);
    tab.evaluate(HELPERS);

    // A plain table: ascending, descending, as planned again; and what is announced.
    let planned = tab.evaluate("column('t-variants', 0)");
    tab.evaluate("sort('t-variants', 2)");
    assert_eq!(tab.evaluate("ascending(values('t-variants', 2))"), json!(true));
    assert_eq!(tab.evaluate("head('t-variants', 2).getAttribute('aria-sort')"), json!("ascending"));
    assert_eq!(strings(&tab.evaluate("column('t-variants', 0)"))[0], "lto-fat+pgo");
    tab.evaluate("sort('t-variants', 2)");
    assert_eq!(tab.evaluate("descending(values('t-variants', 2))"), json!(true));
    tab.evaluate("sort('t-variants', 2)");
    assert_eq!(tab.evaluate("column('t-variants', 0)"), planned);
    assert_eq!(tab.evaluate("head('t-variants', 2).hasAttribute('aria-sort')"), json!(false));
    // Numbers in names count as numbers, and every column can be sorted without a complaint.
    tab.evaluate("for (const th of document.querySelectorAll('th[scope=col] button')) { th.click(); th.click(); th.click(); }");

    // A table in groups: within each of them, what is absent last.
    tab.evaluate("sort('t-time', 2)");
    let in_groups = "[...document.querySelectorAll('#t-time tbody')].every((body) => {
        const of = [...body.querySelectorAll('tr:not(.group)')].map((row) => row.cells[2].dataset.v);
        const present = of.filter(Boolean).map(Number);
        return ascending(present) && of.slice(0, present.length).every(Boolean);
    })";
    assert_eq!(tab.evaluate(in_groups), json!(true));
    assert_eq!(tab.evaluate("ascending(values('t-time', 2))"), json!(false), "not over all groups");
    // As one list: over all of them, the scenario's column beside.
    tab.evaluate("set('t-time', 'list', true)");
    assert_eq!(tab.evaluate("ascending(values('t-time', 2))"), json!(true));
    assert_eq!(tab.evaluate("seen(head('t-time', 0)) && column('t-time', 0).length === 56"), json!(true));
    assert_eq!(tab.evaluate("[...document.querySelectorAll('#t-time .group')].some(seen)"), json!(false));
    tab.evaluate("set('t-time', 'list', false)");
    assert_eq!(tab.evaluate(in_groups), json!(true));
    tab.evaluate("sort('t-time', 2); sort('t-time', 2)");

    // Filters, one after the other and together; what is counted is what is seen.
    let count = "form('t-time').querySelector('output').value";
    assert_eq!(tab.evaluate(count), json!("56 of 56 rows"));
    tab.evaluate("set('t-time', 'words', 'PGO definitive')");
    let left = strings(&tab.evaluate("column('t-time', 1)"));
    assert!(!left.is_empty() && left.iter().all(|variant| variant == "lto-fat+pgo"), "{left:?}");
    assert_eq!(tab.evaluate(count), json!(format!("{} of 56 rows", left.len())));
    tab.evaluate(
        "set('t-time', 'words', ''); set('t-time', 'only', 'count/app'); set('t-time', 'label', 'invalid')",
    );
    assert_eq!(strings(&tab.evaluate("column('t-time', 1)")), ["lto-fat"]);
    assert_eq!(
        tab.evaluate("[...document.querySelectorAll('#t-time .group')].filter(seen).length"),
        json!(1)
    );
    tab.evaluate("set('t-time', 'only', ''); set('t-time', 'label', '')");
    assert_eq!(tab.evaluate("column('t-time', 1).length"), json!(56));

    // Folding one, all, and what is looked for in spite of it.
    tab.evaluate("document.querySelector('#t-time .group button').click()");
    assert_eq!(tab.evaluate("column('t-time', 1).length"), json!(49));
    let expanded = "document.querySelector('#t-time .group button').getAttribute('aria-expanded')";
    assert_eq!(tab.evaluate(expanded), json!("false"));
    tab.evaluate("form('t-time').querySelector('[data-fold=true]').click()");
    assert_eq!(tab.evaluate("column('t-time', 1).length"), json!(0));
    tab.evaluate("set('t-time', 'words', 'trace pgo')");
    assert_eq!(tab.evaluate("column('t-time', 1).length"), json!(1));
    tab.evaluate("set('t-time', 'words', ''); form('t-time').querySelector('[data-fold=false]').click()");
    assert_eq!(tab.evaluate("column('t-time', 1).length"), json!(56));
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[test]
fn the_keyboard_is_enough() {
    let Some(mut tab) = Tab::open() else { return };
    let (_folder, path) = page(&fixture::with_wrong_answer());
    tab.go(&path);
    tab.evaluate(HELPERS);
    tab.press("Tab");
    assert_eq!(
        tab.evaluate("document.activeElement.getAttribute('href')"),
        json!("#variants"),
        "a way past the head"
    );
    assert_eq!(tab.evaluate("document.activeElement.getBoundingClientRect().left >= 0"), json!(true));
    // On to the first head of a column, which Enter sorts by, and on to a group, which a space folds.
    let reach = |tab: &mut Tab, wanted: &str| {
        for _ in 0..200 {
            if tab.evaluate(&format!("document.activeElement.matches({wanted:?})")) == json!(true) {
                return;
            }
            tab.press("Tab");
        }
        panic!("{wanted} can't be reached");
    };
    reach(&mut tab, "#t-variants th button");
    tab.press("Enter");
    assert_eq!(tab.evaluate("head('t-variants', 0).getAttribute('aria-sort')"), json!("ascending"));
    reach(&mut tab, "form[data-table=t-time] input[name=words]");
    for key in ["p", "g", "o"] {
        tab.press(key);
    }
    assert_eq!(tab.evaluate("column('t-time', 1).length"), json!(8));
    reach(&mut tab, "#t-time .group button");
    let outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    assert_eq!(outline, json!("solid"), "the focus is seen");
    tab.press(" ");
    assert_eq!(tab.evaluate("document.activeElement.getAttribute('aria-expanded')"), json!("false"));
    reach(&mut tab, "#samples ~ figure summary, #samples ~ * summary");
    tab.press("Enter");
    assert_eq!(tab.evaluate("document.activeElement.parentElement.open"), json!(true));
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

/// Every run that is hard to show, at the width of a phone and of a desktop, light and dark.
#[test]
fn no_page_is_wider_than_its_window() {
    let Some(mut tab) = Tab::open() else { return };
    for (name, results) in [
        ("rich", fixture::with_wrong_answer()),
        ("minimal", fixture::minimal()),
        ("untold", fixture::untold()),
        ("hostile", fixture::hostile()),
        ("empty", fixture::empty("release")),
    ] {
        let (_folder, path) = page(&results);
        for (width, scheme) in [(360, "light"), (360, "dark"), (800, "light"), (1280, "dark")] {
            tab.resize(width, 800);
            tab.prefer(scheme, "screen");
            tab.go(&path);
            let beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
            let widest = "[...document.querySelectorAll('body *')].filter((one) => !one.closest('.scroll, pre')
                && one.getBoundingClientRect().right > document.documentElement.clientWidth).map((one) => one.outerHTML.slice(0, 99))";
            let beyond = tab.evaluate(beyond);
            assert_eq!(beyond, json!(0), "{name} at {width}: {}", tab.evaluate(widest));
            // Whatever sticks out does so inside a region that scrolls, and can be reached by the keyboard.
            let lost = tab.evaluate(
                "[...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth && one.tabIndex < 0).length",
            );
            assert_eq!(lost, json!(0), "{name} at {width}");
            let paper = tab.evaluate("getComputedStyle(document.body).backgroundColor");
            let wanted = if scheme == "dark" { "rgb(20, 23, 28)" } else { "rgb(255, 255, 255)" };
            assert_eq!(paper, json!(wanted), "{name}");
            assert_eq!(tab.complaints(), Vec::<String>::new(), "{name} at {width}");
        }
    }
}

/// Text against what it stands on, by WCAG's ratio: at least 4.5 in both schemes.
#[test]
fn text_stands_out_in_light_and_dark() {
    let Some(mut tab) = Tab::open() else { return };
    let (_folder, path) = page(&fixture::with_wrong_answer());
    for scheme in ["light", "dark"] {
        tab.prefer(scheme, "screen");
        tab.go(&path);
        let weak = tab.evaluate(
            "(() => {
                const channels = (css) => css.match(/[\\d.]+/g).map(Number);
                const light = (css) => {
                    const [r, g, b] = channels(css).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
                    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
                };
                const ground = (element) => {
                    for (; element; element = element.parentElement) {
                        const [, , , alpha = 1] = channels(getComputedStyle(element).backgroundColor);
                        if (alpha > 0) return getComputedStyle(element).backgroundColor;
                    }
                    return 'rgb(255, 255, 255)';
                };
                const texts = [...document.querySelectorAll('body *:not(script):not(style):not(svg *)')]
                    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
                return texts.map((one) => {
                    const [a, b] = [light(getComputedStyle(one).color), light(ground(one))].sort((x, y) => y - x);
                    return [one.tagName + ' ' + one.className + ' ' + one.textContent.slice(0, 30), (a + 0.05) / (b + 0.05)];
                }).filter(([, ratio]) => ratio < 4.5).map(([what, ratio]) => `${what}: ${ratio.toFixed(2)}`).slice(0, 5);
            })()",
        );
        assert_eq!(weak, json!([]), "{scheme}");
    }
}

#[test]
fn it_prints_whole_and_light() {
    let Some(mut tab) = Tab::open() else { return };
    let (_folder, path) = page(&fixture::with_wrong_answer());
    tab.go(&path);
    tab.evaluate(HELPERS);
    tab.evaluate("form('t-time').querySelector('[data-fold=true]').click()");
    tab.prefer("dark", "print");
    assert_eq!(tab.evaluate("column('t-time', 1).length"), json!(56), "what was folded is on paper");
    assert_eq!(tab.evaluate("getComputedStyle(document.body).backgroundColor"), json!("rgb(255, 255, 255)"));
    assert_eq!(tab.evaluate("seen(document.querySelector('nav')) || seen(form('t-time'))"), json!(false));
    let pdf = tab.call("Page.printToPDF", &json!({ "preferCSSPageSize": true }));
    // Base64 of "%PDF-".
    assert!(pdf["data"].as_str().is_some_and(|data| data.starts_with("JVBERi0") && data.len() > 50_000));
    let closed = tab.evaluate("[...document.querySelectorAll('details')].filter((one) => !one.open).length");
    assert_eq!(closed, json!(0), "what was closed is opened for paper");
}

#[test]
fn it_is_whole_without_script() {
    let Some(mut tab) = Tab::open() else { return };
    let (_folder, path) = page(&fixture::with_wrong_answer());
    tab.call("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    tab.go(&path);
    // Looking from outside runs in spite of that.
    let seen = tab.evaluate(
        "(() => { const seen = (one) => one.getClientRects().length > 0;
            return [[...document.querySelectorAll('#t-time tbody tr')].filter(seen).length,
                [...document.querySelectorAll('form, th button')].filter(seen).length,
                [...document.querySelectorAll('section h2')].filter(seen).length > 6]; })()",
    );
    // Eight heads of groups and seven variants in each; nothing that would do nothing.
    assert_eq!(seen, json!([64, 0, true]));
}

#[test]
fn markup_in_names_runs_nothing() {
    let Some(mut tab) = Tab::open() else { return };
    let (_folder, path) = page(&fixture::hostile());
    tab.go(&path);
    assert_eq!(tab.evaluate("document.scripts.length"), json!(1));
    let shown = tab.evaluate("document.title.includes(\"<script>alert('x')</script>\")");
    assert_eq!(shown, json!(true), "it is shown as it is");
    assert_eq!(tab.complaints(), Vec::<String>::new(), "a dialog or an error would have been one");
}

/// Fifteen variants, sixty scenarios: what takes a second in a test takes no pause; asserted is that it is all there.
#[test]
fn a_large_run_sorts_and_filters() {
    let Some(mut tab) = Tab::open() else { return };
    let (_folder, path) = page(&fixture::large());
    tab.go(&path);
    tab.evaluate(HELPERS);
    tab.evaluate("set('t-time', 'list', true); sort('t-time', 4)");
    assert_eq!(tab.evaluate("ascending(values('t-time', 4)) && column('t-time', 1).length"), json!(900));
    tab.evaluate("set('t-time', 'words', 'scenario-07 variant-03')");
    assert_eq!(tab.evaluate("column('t-time', 1)"), json!(["variant-03-of-the-large-run"]));
    assert_eq!(tab.complaints(), Vec::<String>::new());
}
