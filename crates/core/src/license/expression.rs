//! A text about licenses as what it leaves to choose: licenses and words that name none for sure,
//! joined by "and" and "or". Every text has such a reading; what is not understood of it is in it as
//! words, beside the licenses that are.

use std::fmt;

use super::{
    EXPRESSION_BYTES_MAX, Term,
    words::{Token, tokens},
};

/// A text as it was read, in postfix order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression<'a>(Vec<Node<'a>>);

/// A license or words, or what joins the two before it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Node<'a> {
    Atom(Atom<'a>),
    And,
    Or,
}

/// What a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Atom<'a> {
    License(Term<'a>),
    Words(&'a str),
}

/// What waits for its right side, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operator {
    Open,
    Beside,
    Or,
    And,
}

impl<'a> Expression<'a> {
    /// Reads a text: an SPDX expression, an identifier in any case, deprecated ones too, or licenses'
    /// names as people write them (`Apache License, Version 2.0`, `GPLv3+`). Commas, slashes and the
    /// like leave no choice. A text longer than [`EXPRESSION_BYTES_MAX`] is words.
    #[must_use]
    pub fn read(text: &'a str) -> Self {
        let mut parser = Parser::default();
        if text.len() <= EXPRESSION_BYTES_MAX {
            for token in tokens(text) {
                parser.take(token);
            }
        }
        parser.finish(text.trim())
    }

    /// Whether every word of it is understood.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        let mut atoms = self.atoms();
        atoms.all(|atom| matches!(atom, Atom::License(_)))
    }

    /// Every license named, in the order of the text.
    pub fn terms(&self) -> impl Iterator<Item = &Term<'a>> {
        self.atoms().filter_map(|atom| match atom {
            Atom::License(term) => Some(term),
            Atom::Words(_) => None,
        })
    }

    pub(super) fn atoms(&self) -> impl Iterator<Item = &Atom<'a>> {
        self.0.iter().filter_map(|node| match node {
            Node::Atom(atom) => Some(atom),
            Node::And | Node::Or => None,
        })
    }

    /// What it comes to: `both` of what applies together, `either` of choices. Never empty.
    pub(super) fn evaluate<T>(
        &self,
        mut of: impl FnMut(&Atom<'a>) -> T,
        both: impl Fn(T, T) -> T,
        either: impl Fn(T, T) -> T,
    ) -> Option<T> {
        let mut values = Vec::new();
        for node in &self.0 {
            let value = match node {
                Node::Atom(atom) => of(atom),
                join => {
                    let (right, left) = (values.pop()?, values.pop()?);
                    match join {
                        Node::And => both(left, right),
                        _ => either(left, right),
                    }
                }
            };
            values.push(value);
        }
        values.pop()
    }
}

/// Operators wait on a stack until one that binds weaker follows (E. W. Dijkstra's shunting yard),
/// so that no nesting is too deep.
#[derive(Default)]
struct Parser<'a> {
    nodes: Vec<Node<'a>>,
    waiting: Vec<Operator>,
    /// What stands between the last license or words and the next.
    between: Vec<Token<'a>>,
    /// Whether the last thing taken was a license, words, or a closed parenthesis.
    is_behind: bool,
    /// Something in it makes no sense.
    is_odd: bool,
}

impl<'a> Parser<'a> {
    fn take(&mut self, token: Token<'a>) {
        match token {
            Token::License(term) => self.atom(Atom::License(term)),
            Token::Words(words) => self.atom(Atom::Words(words)),
            Token::And | Token::Or | Token::Beside => self.between.push(token),
            Token::Open => self.open(),
            Token::Close => self.close(),
        }
    }

    fn atom(&mut self, atom: Atom<'a>) {
        self.begin();
        self.nodes.push(Node::Atom(atom));
        self.is_behind = true;
    }

    fn open(&mut self) {
        self.begin();
        self.waiting.push(Operator::Open);
        self.is_behind = false;
    }

    fn close(&mut self) {
        self.end();
        while let Some(operator) = self.waiting.pop() {
            if operator == Operator::Open {
                return;
            }
            self.join(operator);
        }
        self.is_odd = true;
    }

    /// Puts the operator before what comes now.
    fn begin(&mut self) {
        let between = std::mem::take(&mut self.between);
        let operator = match between.as_slice() {
            _ if !self.is_behind => {
                self.is_odd |= between.iter().any(|token| *token != Token::Beside);
                return;
            }
            [Token::And] => Operator::And,
            [Token::Or] | [Token::Beside, Token::Or] => Operator::Or,
            [Token::Beside, Token::And] => Operator::Beside,
            others => {
                let is_plain = others.iter().all(|token| *token == Token::Beside);
                self.is_odd |= others.is_empty() || !is_plain;
                Operator::Beside
            }
        };
        self.push(operator);
    }

    fn push(&mut self, operator: Operator) {
        while let Some(before) = self.waiting.pop_if(|before| *before >= operator) {
            self.join(before);
        }
        self.waiting.push(operator);
    }

    /// What ends here must not end in an operator, nor be empty.
    fn end(&mut self) {
        let mut between = std::mem::take(&mut self.between).into_iter();
        self.is_odd |= !self.is_behind || between.any(|token| token != Token::Beside);
        if !self.is_behind {
            self.nodes.push(Node::Atom(Atom::Words("")));
            self.is_behind = true;
        }
    }

    fn join(&mut self, operator: Operator) {
        self.nodes.push(match operator {
            Operator::Or => Node::Or,
            Operator::Open | Operator::Beside | Operator::And => Node::And,
        });
    }

    fn finish(mut self, text: &'a str) -> Expression<'a> {
        self.end();
        while let Some(operator) = self.waiting.pop() {
            if operator == Operator::Open {
                self.is_odd = true;
            } else {
                self.join(operator);
            }
        }
        if !self.is_odd {
            return Expression(self.nodes);
        }
        // What makes no sense as a whole leaves no choice, and something unknown.
        let atoms = self.nodes.into_iter();
        let atoms =
            atoms.filter(|node| matches!(node, Node::Atom(Atom::License(_) | Atom::Words(_))));
        let mut nodes = vec![Node::Atom(Atom::Words(text))];
        for atom in atoms.filter(|node| *node != Node::Atom(Atom::Words(""))) {
            nodes.extend([atom, Node::And]);
        }
        Expression(nodes)
    }
}

impl fmt::Display for Expression<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Each part with how weakly it binds.
        let mut parts: Vec<(String, Operator)> = Vec::new();
        for node in &self.0 {
            let joined = match node {
                Node::Atom(Atom::License(term)) => (term.to_string(), Operator::And),
                Node::Atom(Atom::Words(words)) => (format!("{words:?}"), Operator::And),
                join => {
                    let (Some(right), Some(left)) = (parts.pop(), parts.pop()) else {
                        return Err(fmt::Error);
                    };
                    let (word, own) = match join {
                        Node::And => ("AND", Operator::And),
                        _ => ("OR", Operator::Or),
                    };
                    let side = |(text, weakest): (String, Operator)| {
                        if weakest < own {
                            format!("({text})")
                        } else {
                            text
                        }
                    };
                    (format!("{} {word} {}", side(left), side(right)), own)
                }
            };
            parts.push(joined);
        }
        parts.iter().try_for_each(|(text, _)| f.write_str(text))
    }
}
