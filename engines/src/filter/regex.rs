//! `%…%`: the regular expressions of the user guide, "Supported regular expressions (regex) syntax".
//!
//! What the guide lists is checked here and everything else refused; the `regex` crate, which is linear in the text,
//! matches. Where a text has line breaks, and where the guide leaves two readings, a strict and a loose expression are
//! asked and must agree. Neighbors: `literal` and `terms` read these.

use super::cursor::Cursor;
use super::error::FilterError;
use super::truth::Truth;

/// Most regular expressions in one pattern: the user guide.
const MAX_REGEXES: usize = 2;

/// Most memory a compiled expression may take, so that `%.{9}…%` is refused and does not take minutes.
const MAX_SIZE: usize = 1 << 20;

const READINGS: &str =
    "how `.`, `^` and `$` work at line breaks, and what `?` after `*`, `+` or `}` means, is not documented";

/// A regular expression.
#[derive(Clone, Debug)]
pub(super) struct Regex {
    shown: String,
    strict: regex::Regex,
    loose: regex::Regex,
}

impl Regex {
    /// Reads an expression; the first `%` comes next. It ends at the second: `\x25` is the way to write one inside.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, FilterError> {
        let start = cursor.at();
        let text = cursor.between('%', |_, _| false)?;
        cursor.regexes += 1;
        if cursor.regexes > MAX_REGEXES {
            let message = format!("a pattern has at most {MAX_REGEXES} regular expressions");
            return Err(cursor.error_since(start, message).expected("a text, with `*` as wildcard"));
        }
        let mut translation =
            Translation { text, at: 0, offset: start + 1, strict: String::new(), loose: String::new() };
        translation.run()?;
        if translation.strict.len() != translation.loose.len() {
            cursor.doubt(start..cursor.at(), "what `?` after `*`, `+` or `}` means is not documented");
        }
        let compile = |expression: &str| regex::RegexBuilder::new(expression).size_limit(MAX_SIZE).build();
        match (compile(&translation.strict), compile(&format!("(?sm){}", translation.loose))) {
            (Ok(strict), Ok(loose)) => Ok(Self { shown: format!("%{text}%"), strict, loose }),
            _ => Err(cursor.error_since(start, "this regular expression is too large").expected("a smaller one")),
        }
    }

    /// As messages show it.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether it matches anywhere in the text.
    pub(super) fn matches(&self, text: &str) -> Truth {
        if self.strict.is_match(text) {
            return Truth::Yes;
        }
        // The loose reading matches wherever the strict one does, so what it does not match nothing does.
        Truth::yes_is_unknown(self.loose.is_match(text), READINGS)
    }
}

/// The guide's syntax, being turned into that of the `regex` crate.
struct Translation<'a> {
    text: &'a str,
    at: usize,
    /// Where the text is in the pattern.
    offset: usize,
    strict: String,
    loose: String,
}

impl Translation<'_> {
    fn run(&mut self) -> Result<(), FilterError> {
        if self.text.is_empty() {
            return Err(FilterError::new("this regular expression is empty", self.offset - 1..self.offset + 1)
                .expected("a regular expression between the `%`"));
        }
        while let Some(character) = self.peek() {
            self.part(character)?;
        }
        Ok(())
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn emit(&mut self, part: &str) {
        self.strict.push_str(part);
        self.loose.push_str(part);
    }

    fn error(&self, start: usize, end: usize, message: impl Into<String>) -> FilterError {
        FilterError::new(message, self.offset + start..self.offset + end)
    }

    /// An anchor, `|`, or something and how often it occurs.
    fn part(&mut self, character: char) -> Result<(), FilterError> {
        let start = self.at;
        let single = match character {
            '^' | '$' | '|' => {
                self.at += 1;
                self.emit(&character.to_string());
                return Ok(());
            }
            '*' | '+' | '?' | '{' => {
                let message = format!("`{character}` has nothing before it to repeat");
                return Err(self.error(start, start + 1, message).expected(format!("`\\{character}`")));
            }
            '[' => self.class()?,
            '.' => {
                self.at += 1;
                ".".to_owned()
            }
            _ => self.single()?,
        };
        let repeated = single + &self.repetition()?;
        if self.optional_again(start)? {
            self.strict.push_str(&repeated);
            self.loose.extend(["(?:", &repeated, ")?"]);
        } else {
            self.emit(&repeated);
        }
        Ok(())
    }

    /// A literal character or an escape.
    fn single(&mut self) -> Result<String, FilterError> {
        let start = self.at;
        let Some(character) = self.peek() else { return Ok(String::new()) };
        self.at += character.len_utf8();
        if character == '\\' {
            return self.escape(start);
        }
        // The guide's list, and the space of its example `^shutting down`.
        if character.is_ascii_alphanumeric() || ":_#=@/;,- ".contains(character) {
            return Ok(hexadecimal(character));
        }
        let error = |message: &str| self.error(start, self.at, message);
        Err(match character {
            '(' | ')' => error("parentheses are not supported in a regular expression")
                .expected("no `(` and `)`; `\\x28` and `\\x29` match them"),
            ']' | '}' => error("there is nothing that this closes").expected(format!("`\\{character}`")),
            other if other.is_ascii() => {
                let expected = format!("`\\x{:02X}`, which matches it", u32::from(other));
                error("this character is not supported in a regular expression").expected(expected)
            }
            _ => error("this character is not supported in a regular expression").expected("a character of ASCII"),
        })
    }

    /// What is after a backslash.
    fn escape(&mut self, start: usize) -> Result<String, FilterError> {
        let Some(character) = self.peek() else {
            return Err(self.error(start, self.at, "`\\` has nothing after it").expected("`\\\\`"));
        };
        self.at += character.len_utf8();
        Ok(match character {
            'd' => "[0-9]".to_owned(),
            'D' => "[^0-9]".to_owned(),
            'w' => "[a-zA-Z_0-9]".to_owned(),
            'W' => "[^a-zA-Z_0-9]".to_owned(),
            's' => "[\\t-\\r ]".to_owned(),
            'S' => "[^\\t-\\r ]".to_owned(),
            'x' => return self.code(start),
            '^' | '$' | '?' | '[' | ']' | '{' | '}' | '|' | '\\' | '*' | '+' | '.' => hexadecimal(character),
            _ => {
                let expected = "`\\d`, `\\s`, `\\w`, `\\xhh`, or `\\` before one of `^ $ ? [ ] { } | \\ * + .`";
                return Err(self.error(start, self.at, "this escape is not supported").expected(expected));
            }
        })
    }

    /// The two digits of `\xhh`.
    fn code(&mut self, start: usize) -> Result<String, FilterError> {
        let digits = self.text[self.at..].bytes().take(2).take_while(u8::is_ascii_hexdigit).count();
        let code = u8::from_str_radix(&self.text[self.at..self.at + digits], 16).ok();
        self.at += digits;
        match code.filter(|code| digits == 2 && code.is_ascii()) {
            Some(code) => Ok(hexadecimal(char::from(code))),
            None => Err(self.error(start, self.at, "this is not an ASCII code").expected("`\\x00` to `\\x7F`")),
        }
    }

    /// `[…]`, with every member spelled so that it has no other meaning for the `regex` crate.
    fn class(&mut self) -> Result<String, FilterError> {
        let start = self.at;
        self.at += 1;
        let mut class = String::from("[");
        if self.peek() == Some('^') {
            self.at += 1;
            class.push('^');
        }
        let first = self.at;
        loop {
            match self.peek() {
                None => return Err(self.error(start, start + 1, "this `[` is never closed").expected("`]`")),
                Some(']') if self.at > first => break,
                Some(_) => self.class_member(&mut class)?,
            }
        }
        self.at += 1;
        class.push(']');
        Ok(class)
    }

    /// A character or a range of them.
    fn class_member(&mut self, class: &mut String) -> Result<(), FilterError> {
        let start = self.at;
        let from = self.class_character()?;
        let rest = &self.text[self.at..];
        if !rest.starts_with('-') || rest.starts_with("-]") {
            class.push_str(&from);
            return Ok(());
        }
        self.at += 1;
        let to = self.class_character()?;
        // Both are spelled `\xhh`, of which the text is in the order of the characters.
        if from.len() != 4 || to.len() != 4 || from > to {
            let message = "the range does not go from a lower character to a higher one";
            return Err(self.error(start, self.at, message).expected("`a-z`, or `\\x2D` for a `-` itself"));
        }
        class.extend([&from, "-", &to]);
        Ok(())
    }

    /// Operators are characters like others in a class, but `[` is left out: it means something in some dialects.
    fn class_character(&mut self) -> Result<String, FilterError> {
        match self.peek() {
            Some(character @ ('^' | '$' | '?' | '{' | '}' | '|' | '*' | '+' | '.')) => {
                self.at += 1;
                Ok(hexadecimal(character))
            }
            Some(character @ ('[' | ']')) => {
                let message = format!("`{character}` in a class must be escaped");
                Err(self.error(self.at, self.at + 1, message).expected(format!("`\\{character}`")))
            }
            _ => self.single(),
        }
    }

    /// `*`, `+`, `?` or `{m,n}`, if one comes next.
    fn repetition(&mut self) -> Result<String, FilterError> {
        match self.peek() {
            Some(operator @ ('*' | '+' | '?')) => {
                self.at += 1;
                Ok(operator.to_string())
            }
            Some('{') => self.counts(),
            _ => Ok(String::new()),
        }
    }

    /// `{m}`, `{m,}`, `{,n}` or `{m,n}`.
    fn counts(&mut self) -> Result<String, FilterError> {
        let start = self.at;
        let length = self.text[start..].find('}').map_or(self.text.len() - start, |at| at + 1);
        self.at += length;
        let inside = self.text[start + 1..self.at].trim_end_matches('}');
        let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
        let digits = |count: &str| count.len() <= 4 && count.bytes().all(|byte| byte.is_ascii_digit());
        let number = |count: &str, absent: u16| count.parse().unwrap_or(absent);
        let sound = digits(least) && digits(most) && least.len() + most.len() > 0;
        if !sound || number(least, 0) > number(most, u16::MAX) {
            let expected = "`{2}`, `{2,}`, `{,4}` or `{2,4}`";
            return Err(self.error(start, self.at, "this says no number of repetitions").expected(expected));
        }
        Ok(format!("{{{},{most}}}", number(least, 0)))
    }

    /// Whether a `?` follows `*`, `+`, `?` or `}`: lazy to some, optional to others. No other operator may.
    fn optional_again(&mut self, start: usize) -> Result<bool, FilterError> {
        let optional = self.peek() == Some('?');
        if optional {
            self.at += 1;
        }
        match self.peek() {
            Some('*' | '+' | '?' | '{') => {
                Err(self.error(start, self.at + 1, "an operator follows an operator").expected("one operator"))
            }
            _ => Ok(optional),
        }
    }
}

/// A character as the `regex` crate reads it whatever it is.
fn hexadecimal(character: char) -> String {
    format!("\\x{:02X}", u32::from(character))
}
