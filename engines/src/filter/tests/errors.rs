//! Refused patterns: where the carets stand, what is said, what is expected.

use crate::filter::parse;

/// The picture, the message and what is expected, as one text.
fn picture(pattern: &str) -> String {
    match parse(pattern) {
        Ok(_) => "valid".to_owned(),
        Err(error) => {
            let expected = error.expected.clone().map(|expected| format!("\nexpected {expected}")).unwrap_or_default();
            format!("{}\n{error}{expected}", error.pointed(pattern))
        }
    }
}

#[track_caller]
fn check(pictures: &[&str]) {
    for expected in pictures {
        let pattern = expected.lines().next().unwrap_or_default();
        assert_eq!(picture(pattern), *expected);
    }
}

#[test]
fn of_terms() {
    check(&[
        "a foo.bar
  ^^^^^^^
a term with anything but letters, digits and `_` must be in quotation marks
expected \"foo.bar\"",
        "a \"b
  ^
this `\"` is never closed
expected another `\"`",
        "a - b
   ^
a term is missing
expected a term",
        "\"a\"b
   ^
the term has ended here
expected a space",
        "%a!%
  ^
this character is not supported in a regular expression
expected `\\x21`, which matches it",
        "%é%
 ^
this character is not supported in a regular expression
expected a character of ASCII",
        "%ab(?!c)%
   ^
parentheses are not supported in a regular expression
expected no `(` and `)`; `\\x28` and `\\x29` match them",
        "%a\\b%
  ^^
this escape is not supported
expected `\\d`, `\\s`, `\\w`, `\\xhh`, or `\\` before one of `^ $ ? [ ] { } | \\ * + .`",
        "%a{3,2}%
  ^^^^^
this says no number of repetitions
expected `{2}`, `{2,}`, `{,4}` or `{2,4}`",
        "%a**%
 ^^^
an operator follows an operator
expected one operator",
        "%|+%
  ^
`+` has nothing before it to repeat
expected `\\+`",
        "%[z-a]%
  ^^^
the range does not go from a lower character to a higher one
expected `a-z`, or `\\x2D` for a `-` itself",
        "%[a%
 ^
this `[` is never closed
expected `]`",
        "%\\xFF%
 ^^^^
this is not an ASCII code
expected `\\x00` to `\\x7F`",
        "%%
^^
this regular expression is empty
expected a regular expression between the `%`",
    ]);
}

#[test]
fn of_objects() {
    check(&[
        "{ é = 1 }
  ^
a condition begins with the field it is about
expected `$.field`",
        "{ $.é = 1 }
    ^
the name of a field is letters, digits, `-` and `_` here
expected a name, or `['any name']`",
        "{ $.a == 1 }
      ^^
`==` is not an operator
expected `=`, `!=`, `<`, `<=`, `>`, or `>=`",
        "{ $.a IS NOT NULL }
      ^^^^^^
`IS NOT` is not an operator
expected `IS NULL`, `IS TRUE`, `IS FALSE`, `NOT EXISTS`, or `=` and the like",
        "{ $.a EXISTS }
      ^^^^^^
`EXISTS` is not an operator
expected `IS NULL`, `IS TRUE`, `IS FALSE`, `NOT EXISTS`, or `=` and the like",
        "{ $.a is null }
      ^^^^^^^
`is null` is not an operator
expected `IS NULL`, `IS TRUE`, `IS FALSE`, `NOT EXISTS`, or `=` and the like",
        "{ $.a = }
        ^
a value is missing
expected a text, a number or a `%regular expression%`",
        "{ $.ä = us-east-1
    ^
the name of a field is letters, digits, `-` and `_` here
expected a name, or `['any name']`",
        "{ $.a = us-east-1 }
        ^^^^^^^^^
a text with anything but letters, digits, `_`, `.` and `*` must be in quotation marks
expected \"us-east-1\"",
        "{ $.a = /Delete/ }
        ^^^^^^^^
a regular expression is between `%`, not between `/`
expected `%Delete%`",
        "{ $.a = /aws/lambda/ }
        ^^^^^^^^^^^^
a text with anything but letters, digits, `_`, `.` and `*` must be in quotation marks
expected \"/aws/lambda/\"",
        "{ $.a = 'x' }
        ^
a text must be in double quotation marks
expected `\"`",
        "{ $.a > \"ü\" }
        ^^^
`>` compares numbers only
expected a number",
        "{ $.a = .5 }
        ^^
this is not a number
expected digits, as in `-0.5` or `1e+3`",
        "{ ($.a = \"é\" }
             ^
a parenthesis is still open here
expected `&&`, `||` or `)`",
        "{ $.a = 1 & $.b = 2 }
          ^
the condition has ended here
expected `&&`, `||` or `}`",
        "{ $.a = 1
         ^
the condition has ended here
expected `&&`, `||` or `}`",
        "{ $.a = 1 } x y
            ^^^
the pattern has ended
expected nothing more",
        "{ $.a[x] = 1 }
     ^^^
this selects nothing
expected `[0]`, `[*]` or `['name']`",
        "{ $.[0] = 1 }
    ^^^
this selects nothing
expected `['name']`",
        "{ $.*.a[*] = 1 }
  ^^^^^^^^
a selector has at most one wildcard",
        "{ $.a = %x% || $.b = %y% || $.c = %z% }
                                  ^^^
a pattern has at most 2 regular expressions
expected a text, with `*` as wildcard",
    ]);
}

#[test]
fn of_fields() {
    check(&[
        "[a, b
     ^
the field has ended here
expected `,` or `]`",
        "[]
 ^
the name of a field is missing
expected a name of letters, digits, `_` and `-`, or `...`",
        "[a, ..., ...]
         ^^^
`...` is allowed only once
expected the name of a field",
        "[a, b = 1 && c = 2]
             ^
a condition on `c` is in the field `b`
expected `b`",
        "[a > x]
     ^
`>` compares numbers only
expected a number",
    ]);
}

#[test]
fn in_several_lines() {
    let pattern = "{ $.a = \"é\" &&\r\n  $.ü = 1 }";
    let error = parse(pattern).expect_err("the name is not of ASCII");
    assert_eq!(error.pointed(pattern), "  $.ü = 1 }\n    ^");
    let pattern = "{ \"é\n";
    let error = parse(pattern).expect_err("no selector");
    assert_eq!(error.pointed(pattern), "{ \"é\n  ^");
    assert_eq!(error.pointed("é"), "é\n ^", "another pattern");
}

#[test]
fn of_limits() {
    let longest = "é".repeat(1_022);
    assert!(parse(&format!("\"{longest}\"")).is_ok());
    let error = parse(&format!("\"{longest}é\"")).expect_err("1,025 characters");
    assert_eq!((error.to_string().as_str(), error.span.len()), ("the pattern has 1025 characters", 1));
    let nested = |depth: usize| format!("{{{}$.a = 1{}}}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(64)).is_ok());
    assert_eq!(parse(&nested(65)).map_err(|error| error.span).err(), Some(65..66));
    let error = parse("%.{9999}{%").expect_err("two operators").to_string();
    assert_eq!(error, "an operator follows an operator");
    assert_eq!(parse("%.{9999}.{9999}%").expect_err("large").to_string(), "this regular expression is too large");
}

#[test]
fn slips_of_copying_are_named_and_what_is_expected_can_be_read() {
    let good = r#"{ $.eventName = "StopLogging" }"#;
    let cases = [
        ("{ $.eventName = \u{201c}StopLogging\u{201d} }", "typographic quotation marks", good),
        ("{ $.eventName = \u{2018}StopLogging\u{2019} }", "typographic quotation marks", good),
        ("\u{feff}{ $.eventName = \"StopLogging\" }", "byte order mark", good),
        ("{\u{a0}$.eventName = \"StopLogging\" }", "no-break space (U+00A0)", good),
        ("$.eventName = \"StopLogging\"", "must be in braces", good),
        ("($.eventName = a) || ($.eventName = b)", "must be in braces", "{ ($.eventName = a) || ($.eventName = b) }"),
        ("\u{feff}$.eventName = \u{201c}StopLogging\u{201d}", "byte order mark", good),
        ("\u{201c}Failed authentication\u{201d}", "typographic quotation marks", "\"Failed authentication\""),
    ];
    for (pattern, what, fixed) in cases {
        let error = parse(pattern).expect_err(pattern);
        assert!(error.message.contains(what), "{pattern}: {}", error.message);
        assert_eq!(error.expected.as_deref(), Some(format!("`{fixed}`").as_str()), "{pattern}");
        assert!(parse(fixed).is_ok(), "{fixed}");
    }
    // What cannot be read without a slip either keeps its own error.
    let error = parse("{ $.eventName == \u{201c}x\u{201d} }").expect_err("`==`");
    assert!(error.message.contains("`==`"), "{}", error.message);
    assert!(parse("{ $.a = \"say \u{201c}hi\u{201d}\" }").is_ok());
}
