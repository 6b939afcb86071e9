//! Groups are paths: compared whole, or by whole segments where the policy says `/**`.
//!
//! Non-membership is harder to prove than membership. Keycloak omits the claim for a user in no
//! group exactly as it does when the mapper is missing, so an absent claim counts as "no group"
//! only where the settings declare the mapper. An entry without the leading `/` says that the
//! mapper writes names without paths: such an entry is never a match unless the settings opt in,
//! and while it is there, nobody can be shown not to be in a group.

use std::cmp::Ordering;

use keycloak_policy::grammar::group_path;

use super::outcomes::Truth;
use crate::{
    User,
    user::{Container, Names},
};

/// Whether the caller is in the group that `item` of a policy names.
pub(crate) fn member(user: &User, item: &str) -> Truth {
    let groups = match user.group_access() {
        Container::Absent if user.rules().groups_declared => return Truth::False,
        Container::Absent | Container::Malformed => return Truth::Unknown,
        Container::Present(groups) => groups,
    };
    let names_count = user.rules().name_only_groups;
    let group_path::Pattern { own, below } = group_path::pattern(item);
    let found = has_path(&groups, own)
        || below.is_some_and(|prefix| has_path_below(&groups, prefix))
        || (names_count && groups.contains(own));
    if found {
        Truth::True
    } else if !user.has_bare_groups() {
        Truth::False
    } else if names_count && below.is_none() {
        // A bare name may be the last segment of any path that ends in it, and of no other.
        let name = own.rsplit('/').next().unwrap_or(own);
        if name != own && groups.contains(name) {
            Truth::Unknown
        } else {
            Truth::False
        }
    } else {
        Truth::Unknown
    }
}

/// Whether `/` + `path` is among the groups.
fn has_path(groups: &Names<'_>, path: &str) -> bool {
    groups
        .first_from(|group| order(group, path))
        .is_some_and(|group| order(group, path) == Ordering::Equal)
}

/// Whether a group begins with `/` + `prefix`, which ends in `/`.
fn has_path_below(groups: &Names<'_>, prefix: &str) -> bool {
    groups
        .first_from(|group| order(group, prefix))
        .and_then(|group| group.strip_prefix('/'))
        .is_some_and(|group| group.starts_with(prefix))
}

/// How `group` compares with `/` + `path`, without putting the two together.
fn order(group: &str, path: &str) -> Ordering {
    match group.as_bytes().split_first() {
        None => Ordering::Less,
        Some((b'/', rest)) => rest.cmp(path.as_bytes()),
        Some((first, _)) => first.cmp(&b'/'),
    }
}
