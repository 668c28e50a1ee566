//! What is found in the indexes that are kept.

use sextant::package::Channel;
use sextant::package::index::Fit;

use crate::channel_server::{Home, SUBDIR, Shelf, record, repodata};

async fn home() -> (Home, crate::scripted_server::ScriptedServer) {
    let shelf = Shelf::default();
    shelf.put(
        "/private/noarch/repodata.json",
        repodata(
            "noarch",
            &[
                record("numpy", "0.1", "internal_0", &[]),
                record("Risk.Model", "1.0", "0", &["numpy >=1"]),
            ],
        ),
    );
    shelf.put(
        "/public/linux-64/repodata.json",
        repodata(
            SUBDIR,
            &[
                record("numpy", "1.9.0", "py39_0", &[]),
                record("numpy", "1.26.4", "py312_0", &["python >=3.12", "libblas"]),
                record("numpy", "1.26.4", "py313_0", &[]),
                record("numpy", "2.0.0rc1", "py312_0", &[]),
                record("numpy-base", "1.26.4", "0", &[]),
                record("scikit-learn", "1.7.0", "0", &[]),
                record("python", "3.13.0", "0", &[]),
            ],
        ),
    );
    shelf.put(
        "/public/noarch/repodata.json",
        repodata("noarch", &[record("numpy-doc", "1.0", "0", &[])]),
    );
    let server = shelf.serve().await;
    let home = Home::new(&format!(
        "channel_alias: {}\nchannels: [private, public]\n",
        server.url()
    ));
    home.update().await;
    (home, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_found_as_one_types() {
    let (home, _server) = home().await;
    assert_eq!(home.found("numpy"), ["numpy", "numpy-doc", "numpy-base"]);
    assert_eq!(home.found("nupmy"), ["numpy"]);
    assert_eq!(home.found("base"), ["numpy-base"]);
    assert_eq!(home.found("sklearn"), ["scikit-learn"]);
    assert_eq!(home.found("risk_model"), ["risk.model"]);
    assert_eq!(home.found("").len(), 6);
    let index = home.services.package_index().unwrap();
    assert_eq!(
        index.names().collect::<Vec<_>>(),
        [
            "numpy",
            "numpy-base",
            "numpy-doc",
            "python",
            "risk.model",
            "scikit-learn"
        ]
    );
    assert_eq!((index.len(), index.record_count()), (6, 10));
    let hit = &index.search("numpy", 1)[0];
    assert_eq!(hit.fit, Fit::Exact);
    let offers: Vec<_> = hit
        .offers
        .iter()
        .map(|offer| {
            (
                offer.channel.name.as_str(),
                offer.newest.as_deref(),
                offer.records,
            )
        })
        .collect();
    // The order of channels is that of search; the order of versions is conda's, not that of letters.
    assert_eq!(
        offers,
        [("private", Some("0.1"), 1), ("public", Some("2.0.0rc1"), 4)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_come_newest_first_with_all_that_is_shown_of_them() {
    let (home, _server) = home().await;
    let versions = home.services.package_versions("NumPy").await.unwrap();
    let briefly: Vec<_> = versions
        .iter()
        .map(|record| {
            (
                record.version.as_str(),
                record.build.as_str(),
                record.channel.name.as_str(),
            )
        })
        .collect();
    assert_eq!(
        briefly,
        [
            ("2.0.0rc1", "py312_0", "public"),
            ("1.26.4", "py312_0", "public"),
            ("1.26.4", "py313_0", "public"),
            ("1.9.0", "py39_0", "public"),
            ("0.1", "internal_0", "private"),
        ]
    );
    let shown = &versions[1];
    assert_eq!(shown.depends, ["python >=3.12", "libblas"]);
    assert_eq!((shown.size, shown.license.as_deref()), (Some(1234), Some("MIT")));
    assert_eq!(shown.subdir, SUBDIR);
    assert!(shown.file_name.starts_with("numpy-1.26.4-py312_0."));
    assert_eq!(shown.timestamp.unwrap().as_second(), 1_700_000_000);
    assert!(
        home.services
            .package_versions("nothing")
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_are_compared_by_their_names() {
    let (home, server) = home().await;
    let index = home.services.package_index().unwrap();
    let channel = |name: &str| Channel {
        name: name.to_owned(),
        url: format!("{}/{name}", server.url()),
    };
    let (private, public) = (channel("private"), channel("public"));
    assert_eq!(
        index.names_of(&private).collect::<Vec<_>>(),
        ["numpy", "risk.model"]
    );
    assert_eq!(index.shared_names(&[private], &[public]), ["numpy"]);
    let newest = index
        .newest(&["python".to_owned(), "nothing".to_owned()])
        .await
        .unwrap();
    assert_eq!(newest.len(), 1);
    assert_eq!(newest["python"][0].newest.as_deref(), Some("3.13.0"));
}
