//! The exact bytes of a scalar, as the parser gives them only roughly.

use std::ops::Range;

use super::super::document::TokenKind;
use super::super::source::{Trivia, block_text_end, closing_quote, line_start, trivia};
use super::Builder;

impl Builder<'_> {
    /// Whether the parser takes the end of the text for the end of another line of a text block; conda does not.
    /// `span` is where the parser sees the lines of the block, `end` where the last one with content ends.
    pub(super) fn adds_line_end(&self, span: &Range<usize>, end: usize) -> bool {
        let column = |at: usize| at - line_start(self.text, at, self.document.start);
        let open = !self.text.ends_with(['\n', '\r']) && span.end == self.text.len();
        let reaches_block = column(self.text.len()) >= column(span.start).max(1);
        open && (end == self.text.len() || reaches_block && self.text[end..].trim().is_empty())
    }

    /// The exact bytes of a scalar, whose span may include properties before it and white space behind it.
    pub(super) fn extent(&self, kind: TokenKind, bytes: Range<usize>) -> (usize, usize) {
        match kind {
            TokenKind::Single | TokenKind::Double => {
                let quote = self.skip_properties(bytes.start);
                (bytes.start, closing_quote(self.text, quote))
            }
            TokenKind::BlockText => {
                let header = trivia(self.text, self.gap_start()..self.text.len())
                    .find_map(|piece| match piece {
                        Trivia::Indicator(at) if matches!(self.text.as_bytes()[at], b'|' | b'>') => Some(at),
                        _ => None,
                    })
                    .unwrap_or(bytes.start);
                (header, block_text_end(self.text, header, bytes))
            }
            _ => (bytes.start, bytes.start + self.text[bytes].trim_end().len()),
        }
    }

    /// Where the node itself starts, behind its anchor and tag.
    pub(super) fn skip_properties(&self, from: usize) -> usize {
        let mut at = from;
        while matches!(self.text.as_bytes().get(at), Some(b'&' | b'!')) {
            at = trivia(self.text, at..self.text.len())
                .take_while(|piece| matches!(piece, Trivia::Property(_) | Trivia::Comment(_)))
                .last()
                .map_or(at + 1, |piece| piece.range().end);
            at += self.text[at..].len() - self.text[at..].trim_start().len();
        }
        at
    }

    /// Behind the last token or colon.
    fn gap_start(&self) -> usize {
        let token = self
            .document
            .tokens
            .last()
            .map_or(self.document.start, |token| token.end);
        self.setting
            .as_ref()
            .map_or(token, |setting| token.max(setting.colon_end))
    }
}
