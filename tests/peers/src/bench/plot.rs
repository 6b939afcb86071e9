//! `results.svg`: two bars a server, with the quartiles as whiskers.

use std::fmt::Write as _;

use keycloak_peers::{servers, table::Spread};

use crate::{report::ratio, rounds::Round};

const LEFT: f64 = 290.0;
const SCALE: f64 = 520.0;
const ROW: f64 = 46.0;
const TOP: f64 = 56.0;

/// The whole drawing.
pub fn draw(rounds: &[Round]) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a handful of servers")]
    let bottom = TOP + (servers::ALL.len() - 1) as f64 * ROW;
    let mut svg = String::new();
    write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
         <rect width=\"900\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"24\" font-size=\"16\" fill=\"#222\">Requests per second as a share of bare axum's</text>\n\
         <rect x=\"640\" y=\"13\" width=\"12\" height=\"12\" fill=\"{WARM}\"/><text x=\"657\" y=\"24\" fill=\"#222\">warm</text>\n\
         <rect x=\"710\" y=\"13\" width=\"12\" height=\"12\" fill=\"{COLD}\"/><text x=\"727\" y=\"24\" fill=\"#222\">cold</text>\n",
        height = bottom + 36.0,
    )
    .expect("memory");
    for tenth in (0..=10_u8).step_by(2) {
        let share = f64::from(tenth) / 10.0;
        let x = LEFT + share * SCALE;
        writeln!(
            svg,
            "<path d=\"M{x} {TOP}V{bottom}\" stroke=\"#ddd\"/>\
             <text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" fill=\"#666\">{share:.1}</text>",
            y = bottom + 20.0,
        )
        .expect("memory");
    }
    let mut y = TOP + 4.0;
    for (index, server) in servers::ALL.iter().enumerate().skip(1) {
        writeln!(
            svg,
            "<text x=\"{x}\" y=\"{text}\" text-anchor=\"end\" fill=\"#222\">{title}</text>",
            x = LEFT - 10.0,
            text = y + 23.0,
            title = server.title(),
        )
        .expect("memory");
        bar(&mut svg, y, WARM, ratio(rounds, index, |turn| turn.warm));
        bar(
            &mut svg,
            y + 18.0,
            COLD,
            ratio(rounds, index, |turn| turn.cold),
        );
        y += ROW;
    }
    svg.push_str("</svg>\n");
    svg
}

const WARM: &str = "#c2571a";
const COLD: &str = "#2f6f9f";

fn bar(svg: &mut String, y: f64, colour: &str, ratio: Spread) {
    let x = |share: f64| LEFT + share * SCALE;
    writeln!(
        svg,
        "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"16\" fill=\"{colour}\"/>\
         <path d=\"M{low:.1} {middle}H{high:.1}\" stroke=\"#111\"/>\
         <text x=\"{label:.1}\" y=\"{text}\" fill=\"#222\" font-size=\"12\">{median:.2}</text>",
        width = ratio.median * SCALE,
        low = x(ratio.low),
        high = x(ratio.high),
        middle = y + 8.0,
        label = x(ratio.high.max(ratio.median)) + 6.0,
        text = y + 12.5,
        median = ratio.median,
    )
    .expect("memory");
}
