//! One line per operator and edge: pattern, message, answer.

use super::ask;
use crate::filter::parse;

/// Pattern, message, answer.
type Case = (&'static str, &'static str, &'static str);

#[track_caller]
fn check(cases: &[Case]) {
    for &(pattern, message, expected) in cases {
        let answer = parse(pattern).map(|filter| filter.matches(message));
        assert_eq!(ask(pattern, message), expected, "{pattern} | {message} | {answer:?}");
    }
}

#[test]
fn terms() {
    check(&[
        ("", "", "true"),
        ("  \n", "x", "true"),
        ("\"\"", "x", "true"),
        ("\"  \"", "x", "true"),
        ("a_1 b", "b a_1", "true"),
        ("-a", "b", "true"),
        ("-a", "a", "false"),
        ("-a -b", "b", "false"),
        ("-\"a b\"", "a b", "false"),
        ("?a ?b ?c", "c", "true"),
        ("\"a*\"", "ab", "false"),
        ("\"a*\"", "a*", "true"),
        ("\"é\"", "café", "true"),
        // `?` beside others: known only where every reading agrees.
        ("?a b", "a b", "unknown"),
        ("?a b", "b", "unknown"),
        ("?a b", "a", "unknown"),
        ("?a b", "c", "unknown"),
        ("?a -b", "a", "unknown"),
        ("?a -b", "b", "unknown"),
        ("?a -b", "a b", "unknown"),
        // Blank phrases and regular expressions beside others.
        ("\" \" a", "a", "unknown"),
        ("-\"\"", "a", "unknown"),
        ("%a% b", "a b", "unknown"),
        ("-%a%", "b", "unknown"),
        // Backslashes: as themselves or hiding the next character.
        (r#""a\"b""#, "a\"b", "unknown"),
        (r#""a\"b""#, "ab", "false"),
        (r#""\\""#, r"\\", "true"),
        (r#""\\""#, r"\", "unknown"),
    ]);
}

#[test]
fn objects() {
    check(&[
        ("{$.a=1}", " {\"a\":1}\n", "true"),
        ("{$.a=1}", "", "false"),
        ("{$.a=1}", "[{\"a\":1}]", "false"),
        ("{$.a=1}", "{\"a\":1", "false"),
        ("{$.a=1}", "{\"a\":01}", "false"),
        ("{$.a=1}", "{'a':1}", "false"),
        ("{$.a=1}", "{\"a\":1,}", "false"),
        ("{$.a=1}", "{\"a\":1} x", "unknown"),
        ("{$.a-b_1=1}", "{\"a-b_1\":1}", "true"),
        ("{\n $.a = 1\t}\n", "{\"a\":1}", "true"),
        ("{$.a.b=1}", "{\"a\":{\"b\":1}}", "true"),
        ("{$.a.b=1}", "{\"a\":[{\"b\":1}]}", "false"),
        ("{$.a[1][0]=1}", "{\"a\":[0,[1]]}", "true"),
        ("{$.a[1]=1}", "{\"a\":{\"1\":1}}", "false"),
        ("{$.['a.b']=1}", "{\"a.b\":1}", "true"),
        ("{$.x['a.b'].c=1}", "{\"x\":{\"a.b\":{\"c\":1}}}", "true"),
        ("{$.['é']=1}", "{\"\\u00e9\":1}", "true"),
        // Doubled keys matter on the path only, and only where they decide.
        ("{$.a=1}", "{\"a\":1,\"a\":1}", "unknown"),
        ("{$.a=3}", "{\"a\":1,\"a\":1}", "false"),
        ("{$.a NOT EXISTS}", "{\"a\":1,\"a\":1}", "false"),
        ("{$.a.b=2}", "{\"a\":{\"b\":1},\"a\":{\"b\":2}}", "unknown"),
        ("{$.b=1}", "{\"a\":1,\"a\":2,\"b\":1}", "true"),
        ("{$.a=1 && $.b=2}", "{\"a\":1,\"a\":1,\"b\":1}", "false"),
        ("{$.a=1 || $.b=1}", "{\"a\":1,\"a\":1,\"b\":1}", "true"),
        // Kinds of values.
        ("{$.a IS NULL}", "{\"a\":null}", "true"),
        ("{$.a IS NULL}", "{\"a\":\"null\"}", "false"),
        ("{$.a IS TRUE}", "{\"a\":\"true\"}", "false"),
        ("{$.a   IS \n FALSE}", "{\"a\":false}", "true"),
        ("{$.a NOT EXISTS}", "{\"a\":null}", "false"),
        ("{$.a.b NOT EXISTS}", "{\"a\":1}", "true"),
        ("{$.a = true}", "{\"a\":true}", "unknown"),
        ("{$.a = yes}", "{\"a\":true}", "false"),
        ("{$.a = *}", "{\"a\":null}", "unknown"),
        ("{$.a = *}", "{\"a\":{}}", "false"),
        ("{$.a = \"*\"}", "{}", "false"),
        ("{$.a > 0}", "{\"a\":true}", "false"),
        // `!=` where there is nothing to compare.
        ("{$.a != x}", "{}", "unknown"),
        ("{$.a != x}", "{\"a\":null}", "unknown"),
        ("{$.a != x}", "{\"a\":[1]}", "false"),
        ("{$.a != x}", "{\"a\":{}}", "false"),
        ("{$.a != x}", "{\"a\":1}", "unknown"),
        ("{$.a != x}", "{\"a\":\"y\"}", "true"),
        ("{$.a != x && $.b = 1}", "{\"b\":2}", "false"),
        ("{$.b = 1 || $.a != x}", "{\"b\":1}", "true"),
    ]);
}

#[test]
fn values() {
    check(&[
        ("{$.a = x*z}", "{\"a\":\"xyz\"}", "true"),
        ("{$.a = *}", "{\"a\":\"\"}", "true"),
        ("{$.a = \"\"}", "{\"a\":\"\"}", "true"),
        ("{$.a = \"a*a\"}", "{\"a\":\"a\"}", "false"),
        ("{$.a = \"*a*b*\"}", "{\"a\":\"b-a-a-b\"}", "true"),
        ("{$.a = \"*ab\"}", "{\"a\":\"abab\"}", "true"),
        ("{$.a = \"\u{e9}*\"}", "{\"a\":\"\\u00e9\\ud83d\\ude00\"}", "true"),
        ("{$.a = x}", "{\"a\":\"\\ud800\"}", "unknown"),
        // Numbers.
        ("{$.a = 1e+3}", "{\"a\":1000.0}", "true"),
        ("{$.a = -0}", "{\"a\":0.0}", "true"),
        ("{$.a > +1000}", "{\"a\":1e4}", "true"),
        ("{$.a < -1}", "{\"a\":-1.5}", "true"),
        ("{$.a <= 0.1}", "{\"a\":1E-1}", "true"),
        ("{$.a = 9007199254740993}", "{\"a\":9007199254740992}", "unknown"),
        ("{$.a > 9007199254740992}", "{\"a\":9007199254740993}", "unknown"),
        ("{$.a = 9007199254740993}", "{\"a\":9007199254740993}", "true"),
        ("{$.a = 1e400}", "{\"a\":1e401}", "unknown"),
        ("{$.a > 5}", "{\"a\":1e99999999999}", "true"),
        ("{$.a > 5}", "{\"a\":-1e400}", "false"),
        // Text and number.
        ("{$.a = 400}", "{\"a\":\"400\"}", "unknown"),
        ("{$.a = 400}", "{\"a\":\"4e2\"}", "unknown"),
        ("{$.a = 400}", "{\"a\":\"401\"}", "false"),
        ("{$.a != 400}", "{\"a\":\"x\"}", "unknown"),
        ("{$.a > 5}", "{\"a\":\"6\"}", "unknown"),
        ("{$.a > 5}", "{\"a\":\"5\"}", "false"),
        ("{$.a > 5}", "{\"a\":\"x\"}", "false"),
        ("{$.a = \"400\"}", "{\"a\":400}", "unknown"),
        ("{$.a = \"400\"}", "{\"a\":401}", "false"),
        ("{$.a = \"4*\"}", "{\"a\":404}", "unknown"),
        ("{$.a = 4*}", "{\"a\":404}", "true"),
        ("{$.a = 4*}", "{\"a\":504}", "false"),
        ("{$.a != 4*}", "{\"a\":504}", "true"),
        ("{$.a = -4*}", "{\"a\":-40}", "true"),
        ("{$.a = 4*}", "{\"a\":4e2}", "unknown"),
        ("{$.a = 4*}", "{\"a\":\"404\"}", "true"),
        ("{$.a = 10.0.0.1}", "{\"a\":\"10.0.0.1\"}", "true"),
        ("{$.a = %4\\d\\d%}", "{\"a\":404}", "unknown"),
        ("{$.a = %4\\d\\d%}", "{\"a\":504}", "false"),
    ]);
}

#[test]
fn wildcard_selectors() {
    check(&[
        ("{$.a[*] = x}", "{\"a\":[\"y\",\"x\"]}", "true"),
        ("{$.a[*] = x}", "{\"a\":[]}", "false"),
        ("{$.a[*] = x}", "{\"a\":\"x\"}", "false"),
        ("{$.a[*] = x}", "{\"a\":{\"b\":\"x\"}}", "unknown"),
        ("{$.a[*] = y}", "{\"a\":{\"b\":\"x\"}}", "false"),
        ("{$.a[*].b > 1}", "{\"a\":[{},{\"b\":2}]}", "true"),
        ("{$.* = x}", "{\"a\":[\"x\"],\"b\":\"x\"}", "true"),
        ("{$.* = x}", "{\"a\":[\"x\"]}", "false"),
        ("{$.a[*] != x}", "{\"a\":[\"y\",\"z\"]}", "true"),
        ("{$.a[*] != x}", "{\"a\":[\"x\",\"x\"]}", "false"),
        ("{$.a[*] != x}", "{\"a\":[\"x\",\"y\"]}", "unknown"),
        ("{$.a[*].b NOT EXISTS}", "{\"a\":[{},{\"b\":1}]}", "unknown"),
        ("{$.a[*].b NOT EXISTS}", "{\"a\":[{},{}]}", "true"),
        ("{$.*[*] = x}", "{}", "invalid"),
        ("{$.*=1||$.*=2||$.*=3}", "{\"a\":3}", "true"),
        ("{$.*=1||$.*=2||$.*=3||$.*=4}", "{}", "invalid"),
    ]);
}

#[test]
fn lines() {
    check(&[
        ("[a]", "x", "true"),
        ("[a]", "", "false"),
        ("[a]", "\"\"", "true"),
        ("[a=1]", "1 2", "false"),
        ("[a, b=2]", "1 2 3", "false"),
        ("[a, b]", "1 2 3", "unknown"),
        ("[a=2, b]", "1 2 3", "false"),
        ("[...]", "", "true"),
        ("[..., a]", "", "false"),
        ("[a, ...]", "x", "true"),
        ("[a=1, ..., b=2]", "1 2", "true"),
        ("[a=1, ..., b=2]", "1 x y 2", "true"),
        ("[a=1, ..., b=2]", "1 2 3", "false"),
        ("[a=\"x y\", b]", "[x y] z", "true"),
        ("[a=\"x [y\"]", "\"x [y\"", "true"),
        // Operators.
        ("[a>=1.5]", "1.50", "true"),
        ("[a>1]", "-", "false"),
        ("[a=400]", "400", "true"),
        ("[a=400]", "400.0", "unknown"),
        ("[a!=400]", "x", "true"),
        ("[a=%^x%]", "xy", "true"),
        ("[a!=%^x%]", "xy", "false"),
        ("[a=1||a=2&&a=3]", "1", "true"),
        ("[a>1&&a<3]", "2", "true"),
        // Lines that AWS may split otherwise.
        ("[a, b]", "\"x y", "unknown"),
        ("[a, b]", "x=\"y z\"", "unknown"),
        ("[a, b]", "[x]y z", "unknown"),
        ("[a, b]", "[[x] y] z", "unknown"),
        ("[a, b]", "x  y", "unknown"),
        ("[a, ..., b]", "x  y", "true"),
        ("[a=1, ...]", "x  y", "false"),
        ("[a, b=y]", "x y\n", "unknown"),
        ("[a, b=z]", "x y\n", "false"),
        ("[a, b]", "x y\n", "true"),
        ("[a=x, b]", "x\ty", "unknown"),
    ]);
}

#[test]
fn regular_expressions() {
    check(&[
        ("%colou?r%", "a color", "true"),
        ("%^starting|^shutting down%", "shutting down now", "true"),
        ("%^starting|^shutting down%", "not shutting down", "false"),
        (r"%10\.10\.0\.1%", "10010,051", "false"),
        (r"%\[.\]%", "[[]", "true"),
        (r"%\x28\x3A%", "(:", "true"),
        (r"%\w\W\d\D\s\S%", "a-1- x", "true"),
        ("%^a{,2}$%", "aaa", "false"),
        ("%^a{2,}$%", "aaa", "true"),
        ("%^a{2}$%", "aaa", "false"),
        ("%[^0-9]%", "123", "false"),
        ("%[a&&b]%", "&", "invalid"),
        ("%[.$^-]%", "-", "true"),
        (r"%[\]\d]%", "]", "true"),
        (r"%^[^\D]$%", "7", "true"),
        ("%^.$%", "é", "true"),
        ("%(a)%", "a", "invalid"),
        // Line breaks, and `?` after an operator.
        ("%a.b%", "a\nb", "unknown"),
        ("%a[^x]b%", "a\nb", "true"),
        ("%^b%", "a\nb", "unknown"),
        ("%^c%", "a\nb", "false"),
        ("%a.*?b%", "a--b", "true"),
        ("%^xa+?$%", "x", "unknown"),
        ("%^xa+?$%", "xb", "false"),
    ]);
}

#[test]
fn further_examples_of_the_guide() {
    let trail = r#"{"sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],"cluster.name":"c"}"#;
    let access = "127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html HTTP/1.0\" 404 1534";
    check(&[
        ("{ $.arrayKey[*] = %val.{2}% }", trail, "true"),
        (r"{ $.* = %111\.111\.111\.1[0-9]{1,2}% }", trail, "true"),
        ("{ $.['cluster.name'] = \"c\" }", trail, "true"),
        (
            r"[ip=%127\.0\.0\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]",
            access,
            "true",
        ),
        ("[..., request =*.html*, status_code = 404 || status_code = 410, bytes]", access, "true"),
        (
            "[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]",
            "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200",
            "true",
        ),
        (
            "[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]",
            "INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310",
            "false",
        ),
        ("%abcc|ab[^c]$%", "aba", "true"),
        ("%abcc|ab[^c]$%", "aac", "false"),
        ("?ERROR ?ARGUMENTS REQUEST", "[ERROR] 400 BAD REQUEST", "unknown"),
        // The guide says that this one matches, because it ignores the `?` terms.
        ("?ERROR ?ARGUMENTS REQUEST", "[INFO] REQUEST FAILED", "unknown"),
    ]);
}
