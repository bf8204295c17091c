//! Names and globs of variants and scenarios: `*` stands for any run of characters, `?` for one.

/// Does `name` match `pattern` as a whole?
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where to go on when the last star has to take one character more.
    let mut star = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == '?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((after, taken)) => {
                    star = Some((after, taken + 1));
                    p = after + 1;
                    n = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_and_question_marks() {
        assert!(matches("count/*", "count/fast"));
        assert!(matches("*", ""));
        assert!(matches("*fast", "count/fast"));
        assert!(matches("c*/f?st", "count/fast"));
        assert!(matches("a*b*c", "aXbYbZc"));
        assert!(!matches("count", "count/fast"));
        assert!(!matches("count/?", "count/fast"));
        assert!(!matches("a*b", "aXc"));
        assert!(matches("lto-fat+pgo", "lto-fat+pgo"));
    }
}
