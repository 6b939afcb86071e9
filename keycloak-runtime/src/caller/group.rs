//! Groups are paths: compared whole, or by whole segments where the policy says `/**`.
//!
//! Non-membership is harder to prove than membership. Keycloak omits the claim for a user in no
//! group exactly as it does when the mapper is missing. An entry without the leading `/` says that
//! the mapper writes names without paths: such an entry is never a match unless the settings opt
//! in, and while it is there, no caller can be shown not to be in a group.

use std::cmp::Ordering;

use keycloak_policy::grammar::group_path;

use super::evidence::Evidence;
use crate::caller::{Container, Names, User};

/// Whether the caller is in the group that `item` of a policy names: a path, or `/**` below one.
/// Only items of policies come here; what a program makes at run time is never a pattern.
pub(crate) fn member(user: &User, item: &str) -> Evidence {
    let group_path::Pattern { own, below } = group_path::pattern(item);
    find(user, own, below.map(|_| own))
}

/// Whether the caller is in the group at `path`, every character of which is literal.
pub(crate) fn exactly(user: &User, path: &str) -> Evidence {
    let own = path.strip_prefix('/').unwrap_or(path);
    find(user, own, None)
}

/// Whether the caller is in the group at `path` or in one below it.
pub(crate) fn below(user: &User, path: &str) -> Evidence {
    let own = path.strip_prefix('/').unwrap_or(path);
    find(user, own, Some(own))
}

fn find(user: &User, own: &str, parent: Option<&str>) -> Evidence {
    let groups = match user.group_access() {
        Container::Absent => return Evidence::NotShown,
        Container::Malformed => return Evidence::Unreadable,
        Container::Present(groups) => groups,
    };
    let names_count = user.rules().name_only_groups;
    let found = has_path(&groups, own)
        || parent.is_some_and(|parent| has_path_below(&groups, parent))
        || (names_count && !own.contains('/') && groups.contains(own));
    if found {
        Evidence::Shown
    } else if !user.has_bare_groups() {
        Evidence::NotShown
    } else if names_count && parent.is_none() {
        // A bare name may be the last segment of any path that ends in it, and of no other. One
        // with `/` inside is not what such a mapper writes: it proves nothing.
        let name = own.rsplit('/').next().unwrap_or(own);
        let cut = groups
            .iter()
            .any(|group| !group.starts_with('/') && group.contains('/'));
        if cut || (name != own && groups.contains(name)) {
            Evidence::Unreadable
        } else {
            Evidence::NotShown
        }
    } else {
        Evidence::Unreadable
    }
}

/// Whether `/` + `path` is among the groups.
fn has_path(groups: &Names<'_>, path: &str) -> bool {
    groups
        .first_from(|group| order(group, path))
        .is_some_and(|group| order(group, path) == Ordering::Equal)
}

/// Whether a group begins with `/` + `parent` + `/`.
fn has_path_below(groups: &Names<'_>, parent: &str) -> bool {
    groups
        .first_from(|group| order_below(group, parent))
        .is_some_and(|group| order_below(group, parent) == Ordering::Equal)
}

/// How `group` compares with `/` + `path`, without putting the two together.
fn order(group: &str, path: &str) -> Ordering {
    match group.as_bytes().split_first() {
        None => Ordering::Less,
        Some((b'/', rest)) => rest.cmp(path.as_bytes()),
        Some((first, _)) => first.cmp(&b'/'),
    }
}

/// How the beginning of `group` compares with `/` + `parent` + `/`.
fn order_below(group: &str, parent: &str) -> Ordering {
    let Some((first, rest)) = group.as_bytes().split_first() else {
        return Ordering::Less;
    };
    let wanted = parent.as_bytes().iter().chain(b"/");
    first
        .cmp(&b'/')
        .then_with(|| rest.iter().take(parent.len().saturating_add(1)).cmp(wanted))
}
