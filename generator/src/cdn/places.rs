//! Where clients are, and the edges that serve them.
//!
//! Facts of geography as a CDN reports them, with weights counted in 498 public sample lines of 2018 and rounded.

/// A city, with its zone in winter and summer, its share, and the edges (region, data centre, share) near it.
pub(super) struct Place {
    pub(super) continent: &'static str,
    pub(super) country: &'static str,
    pub(super) region: &'static str,
    pub(super) city: &'static str,
    pub(super) latitude: &'static str,
    pub(super) longitude: &'static str,
    pub(super) winter: &'static str,
    pub(super) summer: &'static str,
    pub(super) weight: u32,
    pub(super) edges: &'static [(&'static str, &'static str, u32)],
}

type Row = (
    (&'static str, &'static str, &'static str, &'static str),
    (&'static str, &'static str),
    (&'static str, &'static str),
    u32,
    &'static [(&'static str, &'static str, u32)],
);

const fn place(row: Row) -> Place {
    let ((continent, country, region, city), (latitude, longitude), (winter, summer), weight, edges) = row;
    Place { continent, country, region, city, latitude, longitude, winter, summer, weight, edges }
}

const US: &str = "United States";

pub(super) const PLACES: &[Place] = &[
    place((
        ("NA", US, "VA", "ashburn"),
        ("39.018", "-77.461"),
        ("-500", "-400"),
        134,
        &[("US-East", "IAD", 81), ("US-East", "DCA", 52)],
    )),
    place((
        ("EU", "Germany", "BY", "gunzenhausen"),
        ("49.116", "10.753"),
        ("100", "200"),
        44,
        &[("EU-East", "HHN", 41), ("EU-East", "FRA", 4)],
    )),
    place((
        ("EU", "Ireland", "D", "dublin"),
        ("53.345", "-6.259"),
        ("0", "100"),
        27,
        &[("EU-West", "LHR", 15), ("EU-West", "LCY", 12)],
    )),
    place((
        ("NA", US, "WA", "seattle"),
        ("47.612", "-122.335"),
        ("-800", "-700"),
        23,
        &[("US-West", "SEA", 1)],
    )),
    place((
        ("NA", US, "CA", "san jose"),
        ("37.217", "-121.856"),
        ("-800", "-700"),
        23,
        &[("US-East", "IAD", 7), ("US-Central", "MDW", 5), ("US-West", "SJC", 6)],
    )),
    place((
        ("NA", US, "CA", "mountain view"),
        ("37.389", "-122.075"),
        ("-800", "-700"),
        22,
        &[("US-Central", "MDW", 9), ("US-East", "IAD", 6), ("US-Central", "ORD", 4)],
    )),
    place((
        ("NA", US, "OR", "portland"),
        ("45.498", "-122.694"),
        ("-800", "-700"),
        22,
        &[("US-West", "SEA", 1)],
    )),
    place((
        ("NA", US, "NJ", "livingston"),
        ("40.789", "-74.322"),
        ("-500", "-400"),
        12,
        &[("US-Central", "DFW", 8), ("US-East", "JFK", 3)],
    )),
    place((
        ("NA", US, "CA", "san francisco"),
        ("37.786", "-122.436"),
        ("-800", "-700"),
        11,
        &[("US-West", "PAO", 4), ("US-West", "SEA", 3), ("US-West", "SJC", 3)],
    )),
    place((
        ("AS", "Japan", "13", "tokyo"),
        ("35.676", "139.770"),
        ("900", "900"),
        10,
        &[("Asia", "NRT", 9), ("Asia", "HND", 1)],
    )),
    place((
        ("EU", "Germany", "HE", "frankfurt am main"),
        ("50.167", "8.679"),
        ("100", "200"),
        10,
        &[("EU-East", "HHN", 1), ("EU-East", "FRA", 1)],
    )),
    place((
        ("NA", US, "WA", "moses lake"),
        ("47.128", "-119.295"),
        ("-800", "-700"),
        10,
        &[("US-West", "SEA", 1)],
    )),
    place((
        ("EU", "Netherlands", "NH", "amsterdam"),
        ("52.378", "4.906"),
        ("100", "200"),
        9,
        &[("EU-Central", "AMS", 1)],
    )),
    place((
        ("OC", "Australia", "NSW", "sydney"),
        ("-33.867", "151.207"),
        ("1100", "1000"),
        7,
        &[("APAC", "SYD", 6), ("APAC", "MEL", 1)],
    )),
    place((
        ("NA", US, "OH", "columbus"),
        ("39.987", "-83.044"),
        ("-500", "-400"),
        7,
        &[("US-East", "IAD", 4), ("US-Central", "ORD", 2)],
    )),
    place((
        ("NA", US, "IL", "chicago"),
        ("41.878", "-87.625"),
        ("-600", "-500"),
        7,
        &[("US-Central", "ORD", 3), ("US-Central", "MDW", 3)],
    )),
    place((
        ("NA", US, "TX", "dallas"),
        ("32.787", "-96.799"),
        ("-600", "-500"),
        6,
        &[("US-Central", "DFW", 1)],
    )),
    place((
        ("AS", "Singapore", "01", "singapore"),
        ("1.300", "103.849"),
        ("800", "800"),
        5,
        &[("Asia", "SIN", 1)],
    )),
    place((
        ("NA", US, "CA", "cupertino"),
        ("37.323", "-122.053"),
        ("-800", "-700"),
        5,
        &[("US-West", "PAO", 1)],
    )),
    place((
        ("EU", "United Kingdom", "LND", "london"),
        ("51.500", "-0.126"),
        ("0", "100"),
        5,
        &[("EU-West", "LHR", 1), ("EU-West", "LCY", 1)],
    )),
    place((
        ("NA", "Canada", "ON", "toronto"),
        ("43.667", "-79.417"),
        ("-500", "-400"),
        5,
        &[("North-America", "YYZ", 1), ("US-East", "JFK", 1)],
    )),
    place((
        ("EU", "Russian Federation", "SPE", "st petersburg"),
        ("59.933", "30.323"),
        ("300", "300"),
        5,
        &[("EU-East", "BMA", 1)],
    )),
    place((
        ("EU", "Europe", "", "(null)"),
        ("47.000", "8.000"),
        ("9999", "9999"),
        4,
        &[("EU-East", "FRA", 1)],
    )),
    place((
        ("NA", US, "NY", "new york"),
        ("40.817", "-73.942"),
        ("-500", "-400"),
        4,
        &[("US-East", "JFK", 3), ("US-East", "EWR", 1)],
    )),
    place((
        ("NA", US, "MN", "minneapolis"),
        ("45.165", "-93.320"),
        ("-600", "-500"),
        3,
        &[("US-Central", "ORD", 1)],
    )),
    place((
        ("NA", US, "MO", "kansas city"),
        ("39.009", "-94.402"),
        ("-600", "-500"),
        3,
        &[("US-Central", "MDW", 1)],
    )),
    place((
        ("EU", "Denmark", "84", "copenhagen"),
        ("55.676", "12.569"),
        ("100", "200"),
        3,
        &[("EU-East", "FRA", 2), ("EU-East", "BMA", 1)],
    )),
    place((
        ("EU", "Poland", "MZ", "warsaw"),
        ("52.250", "21.000"),
        ("100", "200"),
        3,
        &[("EU-East", "FRA", 1)],
    )),
    place((
        ("NA", US, "MA", "waltham"),
        ("42.370", "-71.235"),
        ("-500", "-400"),
        3,
        &[("US-East", "BOS", 1)],
    )),
    place((
        ("SA", "Brazil", "SP", "sao paulo"),
        ("-23.533", "-46.617"),
        ("-200", "-300"),
        2,
        &[("SA-East", "GRU", 1)],
    )),
    place((
        ("NA", US, "WI", "franklin"),
        ("42.887", "-88.010"),
        ("-600", "-500"),
        2,
        &[("US-Central", "MDW", 1)],
    )),
    place((
        ("EU", "France", "IDF", "paris"),
        ("48.867", "2.333"),
        ("100", "200"),
        2,
        &[("EU-West", "CDG", 1)],
    )),
    place((
        ("NA", US, "CA", "los angeles"),
        ("34.052", "-118.243"),
        ("-800", "-700"),
        2,
        &[("US-West", "LAX", 1)],
    )),
    place((
        ("AS", "India", "KA", "bangalore"),
        ("12.983", "77.583"),
        ("530", "530"),
        2,
        &[("Asia", "BOM", 1), ("Asia", "MAA", 1)],
    )),
    place((
        ("EU", "Sweden", "AB", "stockholm"),
        ("59.333", "18.050"),
        ("100", "200"),
        2,
        &[("EU-East", "BMA", 1)],
    )),
    place((
        ("AF", "South Africa", "GP", "johannesburg"),
        ("-26.201", "28.046"),
        ("200", "200"),
        1,
        &[("South-Africa", "JNB", 1)],
    )),
];

/// Kinds of connection.
pub(super) const CONNECTIONS: &[(&str, u32)] =
    &[("broadband", 970), ("cable", 15), ("xdsl", 9), ("mobile", 6)];
