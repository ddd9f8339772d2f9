use super::*;

#[test]
fn an_invalid_template_says_why() {
    let long = "x".repeat(129);
    let longer = "x".repeat(513);
    let told: Vec<String> = [
        "",
        "%",
        "50%%",
        "%q",
        "%D",
        "%é",
        "{",
        "}",
        "{rest",
        "a{{rest}}",
        "{repo}",
        "{date}",
        "{}",
        "a/b",
        "a b",
        "-%n",
        ".x",
        &long,
        &longer,
        "%n\u{e9}",
        "%q-{foo}",
        "a/b/%q%D{c}}%",
        "-%q%q{",
    ]
    .iter()
    .map(|template| {
        let shown: String = template.chars().take(12).collect();
        format!(
            "{shown:?}: {}",
            all(&TagTemplate::parse(template).unwrap_err())
        )
    })
    .map(|line| line.replace(&long, "xxx…"))
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    "": expected a template, found an empty string
    "%": expected a keyword after "%", found none: a tag or a repository's name cannot contain a percent sign
    "50%%": expected a keyword after "%", found none: a tag or a repository's name cannot contain a percent sign
    "%q": expected one of the keywords %n %A %a %w %d %b %B %m %Y %y %H %I %p %M %S %f %Z %j %W, found "%q"
    "%D": expected a keyword, found "%D": did you mean "%d"?
    "%é": expected one of the keywords %n %A %a %w %d %b %B %m %Y %y %H %I %p %M %S %f %Z %j %W, found "%é"
    "{": expected a placeholder as in {name}, found a single "{"
    "}": expected a placeholder as in {name}, found a single "}"
    "{rest": expected a placeholder as in {name}, found a single "{"
    "a{{rest}}": expected a placeholder as in {name}, found a single "{"; expected a placeholder as in {name}, found a single "}"
    "{repo}": expected a placeholder, found "{repo}": did you mean "{repository}"?
    "{date}": expected one of the placeholders {repository} {name} {namespace} {rest} {digest}, found "{date}"
    "{}": expected one of the placeholders {repository} {name} {namespace} {rest} {digest}, found "{}"
    "a/b": expected the characters of a tag, found "/"
    "a b": expected the characters of a tag, found " "
    "-%n": expected a template that renders a tag, found one that never does, as in "-%n"
    ".x": expected a template that renders a tag, found one that never does, as in ".x"
    "xxxxxxxxxxxx": rendered: expected a tag of 1 to 128 characters, found 129
    "xxxxxxxxxxxx": expected a template of at most 512 characters, found 513
    "%né": expected the characters of a tag, found "é"
    "%q-{foo}": expected one of the keywords %n %A %a %w %d %b %B %m %Y %y %H %I %p %M %S %f %Z %j %W, found "%q"; expected one of the placeholders {repository} {name} {namespace} {rest} {digest}, found "{foo}"
    "a/b/%q%D{c}}": expected the characters of a tag, found "/"; expected one of the keywords %n %A %a %w %d %b %B %m %Y %y %H %I %p %M %S %f %Z %j %W, found "%q"; expected a keyword, found "%D": did you mean "%d"?; expected one of the placeholders {repository} {name} {namespace} {rest} {digest}, found "{c}"; expected a placeholder as in {name}, found a single "}"; expected a keyword after "%", found none: a tag or a repository's name cannot contain a percent sign
    "-%q%q{": expected one of the keywords %n %A %a %w %d %b %B %m %Y %y %H %I %p %M %S %f %Z %j %W, found "%q"; expected a placeholder as in {name}, found a single "{"
    "#);
}

#[test]
fn an_invalid_repository_template_says_why() {
    let told: Vec<String> = [
        "%Y/{rest}",
        "QA/{rest}",
        "qa//{rest}",
        "/{rest}",
        "qa/{rest}/",
        "qa/{rst}",
        "qa web",
        "q",
        "QA/%Y/{rst}",
    ]
    .iter()
    .map(|template| {
        format!(
            "{template:?}: {}",
            all(&RepositoryTemplate::parse(template).unwrap_err())
        )
    })
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    "%Y/{rest}": expected only placeholders such as {rest} in a repository's name, found the keyword "%Y", which belongs in target.tag
    "QA/{rest}": expected the characters of a repository's name, found "Q", "A"
    "qa//{rest}": expected a template that renders a repository's name, found one that never does, as in "qa//a"
    "/{rest}": expected a template that renders a repository's name, found one that never does, as in "/a"
    "qa/{rest}/": expected a template that renders a repository's name, found one that never does, as in "qa/a/"
    "qa/{rst}": expected a placeholder, found "{rst}": did you mean "{rest}"?
    "qa web": expected the characters of a repository's name, found " "
    "q": rendered: expected a repository's name of 2 to 256 characters, found 1
    "QA/%Y/{rst}": expected the characters of a repository's name, found "Q", "A"; expected only placeholders such as {rest} in a repository's name, found the keyword "%Y", which belongs in target.tag; expected a placeholder, found "{rst}": did you mean "{rest}"?
    "#);
}

#[test]
fn what_does_not_render_to_a_name_is_an_error() {
    let at = "2019-03-07T09:05:03Z";
    for (template, source, rest, words) in [
        ("{repository}", "dev/web", None, "found \"dev/web\""),
        ("{rest}", "dev/web", None, "found one without"),
        ("{rest}", "dev/a/b", Some("a/b"), "found \"a/b\""),
        ("{namespace}", "web", None, "1 to 128 characters, found 0"),
        ("{namespace}-x", "web", None, "found \"-x\""),
    ] {
        let error = tag(template, source, rest, at).unwrap_err();
        assert!(error.contains(words), "{template}: {error}");
    }
}
