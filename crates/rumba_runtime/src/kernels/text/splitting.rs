//! Parts of a text, and texts put together.

use super::searching::{Finder, last_position_of, position_of};
use super::{Kind, Listed, New, NewList, Several, new_length};
use crate::kernels::{Raise, Result, kernels};
use crate::text::{Text, TextWriter};
use crate::with_chars;

fn limit(at_most: i64) -> usize {
    usize::try_from(at_most).unwrap_or(usize::MAX)
}

fn nonempty<'a>(separator: Text<'a>) -> Result<Text<'a>> {
    if separator.is_empty() { Err(Raise::value_error("empty separator")) } else { Ok(separator) }
}

fn str_split<T: Kind>(text: Text<'_>, separator: Option<Text<'_>>, at_most: i64) -> Result<NewList<T>> {
    let mut n_left = limit(at_most);
    let mut parts = Vec::new();
    let Some(separator) = separator else {
        let n = text.len();
        with_chars!(text, chars => {
            let mut position = 0;
            let is_space = |idx: usize| T::is_space(u32::from(chars[idx]));
            loop {
                while position < n && is_space(position) {
                    position += 1;
                }
                if position == n {
                    break;
                }
                if n_left == 0 {
                    parts.push(text.part(position..n));
                    break;
                }
                let start = position;
                while position < n && !is_space(position) {
                    position += 1;
                }
                parts.push(text.part(start..position));
                n_left -= 1;
            }
        });
        return Ok(NewList::of_parts(&parts));
    };
    let separator = nonempty(separator)?;
    let mut memory = None;
    let finder = Finder::new(separator, text.width(), &mut memory);
    let mut rest = text;
    while n_left > 0
        && let Some(position) = finder.first(rest)
    {
        parts.push(rest.part(0..position));
        rest = rest.part(position + separator.len()..rest.len());
        n_left -= 1;
    }
    parts.push(rest);
    Ok(NewList::of_parts(&parts))
}

fn str_rsplit<T: Kind>(text: Text<'_>, separator: Option<Text<'_>>, at_most: i64) -> Result<NewList<T>> {
    let mut n_left = limit(at_most);
    let mut parts = Vec::new();
    let mut rest = text;
    if let Some(separator) = separator {
        let separator = nonempty(separator)?;
        while n_left > 0
            && let Some(position) = last_position_of(rest, separator)
        {
            parts.push(rest.part(position + separator.len()..rest.len()));
            rest = rest.part(0..position);
            n_left -= 1;
        }
        parts.push(rest);
    } else {
        loop {
            rest = rest.trimmed(false, true, T::is_space);
            if rest.is_empty() {
                break;
            }
            if n_left == 0 {
                parts.push(rest);
                break;
            }
            let word = rest.code_points().rev().take_while(|c| !T::is_space(*c)).count();
            parts.push(rest.part(rest.len() - word..rest.len()));
            rest = rest.part(0..rest.len() - word);
            n_left -= 1;
        }
    }
    parts.reverse();
    Ok(NewList::of_parts(&parts))
}

fn str_splitlines<T: Kind>(text: Text<'_>, keep_ends: bool) -> Result<NewList<T>> {
    let mut lines = Vec::new();
    let (mut start, n) = (0, text.len());
    with_chars!(text, chars => {
        while start < n {
            let length = chars[start..].iter().position(|c| T::is_line_break(u32::from(*c)));
            let end = length.map_or(n, |length| start + length);
            let mut next = (end + 1).min(n);
            if next < n && u32::from(chars[end]) == 0x0d && u32::from(chars[next]) == 0x0a {
                next += 1;
            }
            lines.push(text.part(start..if keep_ends { next } else { end }));
            start = next;
        }
    });
    Ok(NewList::of_parts(&lines))
}

type Three<T> = (New<T>, New<T>, New<T>);

fn three<T>(parts: [Text<'_>; 3]) -> Three<T> {
    let [a, b, c] = parts.map(New::part);
    (a, b, c)
}

fn str_partition<T: Kind>(text: Text<'_>, separator: Text<'_>) -> Result<Three<T>> {
    let n = text.len();
    let parts = match position_of(text, nonempty(separator)?) {
        Some(at) => {
            let end = at + separator.len();
            [text.part(0..at), text.part(at..end), text.part(end..n)]
        }
        None => [text, text.part(0..0), text.part(0..0)],
    };
    Ok(three(parts))
}

fn str_rpartition<T: Kind>(text: Text<'_>, separator: Text<'_>) -> Result<Three<T>> {
    let n = text.len();
    let parts = match last_position_of(text, nonempty(separator)?) {
        Some(at) => {
            let end = at + separator.len();
            [text.part(0..at), text.part(at..end), text.part(end..n)]
        }
        None => [text.part(0..0), text.part(0..0), text],
    };
    Ok(three(parts))
}

fn join<'a, T: Kind>(separator: Text<'_>, texts: impl Iterator<Item = Text<'a>> + Clone) -> Result<New<T>> {
    let (mut n, mut width, mut length) = (0, 1, Some(0usize));
    for text in texts.clone() {
        n += 1;
        width = width.max(text.width());
        length = length.and_then(|length| length.checked_add(text.len()));
    }
    if n > 1 {
        width = width.max(separator.width());
        let between = separator.len().checked_mul(n - 1);
        length = length.and_then(|length| length.checked_add(between?));
    }
    let length = new_length(length, "join() result is too long for a Python string")?;
    let mut writer = TextWriter::new(length, width);
    for (idx, text) in texts.enumerate() {
        if idx > 0 {
            writer.push_text(separator);
        }
        writer.push_text(text);
    }
    Ok(New::of(writer.finish()))
}

fn str_join<T: Kind>(separator: Text<'_>, texts: Listed<'_, T>) -> Result<New<T>> {
    join(separator, texts.texts())
}

/// Of texts whose number is known when compiling.
fn str_join_several<T: Kind>(separator: Text<'_>, texts: Several<'_>) -> Result<New<T>> {
    join(separator, texts.0.iter().copied())
}

kernels! {
    str_split<T: strings>(text: Text<'_>, separator: Option<Text<'_>>, at_most: i64) -> NewList<T>;
    str_rsplit<T: strings>(text: Text<'_>, separator: Option<Text<'_>>, at_most: i64) -> NewList<T>;
    str_splitlines<T: strings>(text: Text<'_>, keep_ends: bool) -> NewList<T>;
    str_partition<T: strings>(text: Text<'_>, separator: Text<'_>) -> Three<T>;
    str_rpartition<T: strings>(text: Text<'_>, separator: Text<'_>) -> Three<T>;
    str_join<T: strings>(separator: Text<'_>, texts: Listed<'_, T>) -> New<T>;
    str_join_several<T: strings>(separator: Text<'_>, texts: Several<'_>) -> New<T>;
}
