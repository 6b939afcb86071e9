//! The manual, where it is more than the documentation of one item.

pub mod closing_routes {
    #![doc = include_str!("manual/closing_routes.md")]
}
