//! What is around every screen: the title, the search, the style.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use super::url;

/// A whole page. Markup inside comes from the screens; names in it are escaped there.
pub(super) fn page(title: &str, main: &Markup) -> Html<String> {
    searched(title, "", main)
}

/// A whole page whose search box holds what was looked for.
pub(super) fn searched(title: &str, asked: &str, main: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · ecr-promoter" }
                link rel="stylesheet" href="/ui/style.css";
                link rel="icon" href="/ui/icon.svg" type="image/svg+xml";
                script src="/ui/refresh.js" defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header {
                    a.home href=(url::OVERVIEW) { "ecr-promoter" }
                    form.search action="/ui/search" role="search" {
                        label.hidden for="q" { "Image, repository, policy or digest" }
                        input #q name="q" type="search" value=(asked) placeholder="repository:tag, ECR URI, digest" autocomplete="off" maxlength="600";
                        button { "Look" }
                    }
                }
                main #main tabindex="-1" { (main) }
                footer { "Read-only. Times are UTC." }
            }
        }
    };
    Html(page.into_string())
}
