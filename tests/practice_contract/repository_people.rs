//! Anaconda Repository: people, organizations, groups and packages (repository reference, U1 to U3, G1, P1, P2).

use super::repository::assert_binstar_error;
use super::*;

const GET: Method = Method::GET;

async fn nobody(asker: &Asker, path: &str) -> (StatusCode, Value) {
    Asker::send(asker.repository(GET, path)).await
}

fn names(packages: &Value) -> Vec<String> {
    let all = packages.as_array().unwrap().iter();
    all.map(|package| text(&package["name"])).collect()
}

#[tokio::test]
async fn people_and_organizations_are_told_of() {
    let asker = Asker::new().await;
    let token = asker.repository_token("bob", json!({})).await;
    let get = async |path: &str| asker.with_token(GET, path, &token).await;
    let (status, myself) = get("/api/user").await;
    assert_eq!(status, 200);
    assert_eq!(
        (&myself["login"], &myself["user_type"]),
        (&json!("bob"), &json!("user"))
    );
    assert!(myself["created_at"].is_string());
    assert_binstar_error(&nobody(&asker, "/api/user").await, 401);

    let (status, organization) = nobody(&asker, "/api/user/practice-org").await;
    assert_eq!(
        (status.as_u16(), &organization["user_type"]),
        (200, &json!("org"))
    );
    assert_eq!(get("/api/user/alice").await.1["login"], "alice");
    assert_binstar_error(&get("/api/user/nobody").await, 404);

    for (path, expected) in [
        ("/api/user/orgs", vec!["practice-org"]),
        ("/api/users/bob/orgs", vec!["practice-org"]),
        ("/api/users/admin/orgs", vec!["anaconda", "practice-org"]),
        ("/api/users/anaconda/orgs", vec![]),
    ] {
        let (status, organizations) = get(path).await;
        assert_eq!(status, 200);
        let logins: Vec<&Value> = organizations
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["login"])
            .collect();
        assert_eq!(logins, expected, "{path}");
    }
    assert_binstar_error(&get("/api/users/nobody/orgs").await, 404);
}

#[tokio::test]
async fn groups_are_told_to_those_who_belong() {
    let asker = Asker::new().await;
    let bob = asker.repository_token("bob", json!({})).await;
    let get = async |path: &str| asker.with_token(GET, path, &bob).await;
    assert_eq!(
        get("/api/groups/practice-org").await,
        (
            StatusCode::OK,
            json!({"groups": [
                {"name": "owners", "permission": "admin"},
                {"name": "analysts", "permission": "read"},
                {"name": "release", "permission": "write"},
            ]})
        )
    );
    assert_eq!(
        get("/api/groups").await.1,
        json!({"groups": [{"name": "analysts", "permission": "read"}]})
    );
    assert_binstar_error(&get("/api/groups/anaconda").await, 403);
    assert_binstar_error(&get("/api/groups/nowhere").await, 404);
    assert_binstar_error(&get("/api/groups/alice").await, 404);
    assert_binstar_error(&nobody(&asker, "/api/groups/practice-org").await, 401);
}

#[tokio::test]
async fn packages_are_listed_as_far_as_one_may_see() {
    let asker = Asker::new().await;
    let alice = asker.repository_token("alice", json!({})).await;
    let bob = asker.repository_token("bob", json!({})).await;
    let limited = asker
        .repository_token("alice", json!({"note": "limited", "scopes": ["conda:download"]}))
        .await;
    let path = "/api/packages/practice-org";
    let public = ["forecast", "forecast-data"];
    assert_eq!(names(&nobody(&asker, path).await.1), public);
    assert_eq!(names(&asker.with_token(GET, path, &limited).await.1), public);
    assert_eq!(
        names(&asker.with_token(GET, path, &bob).await.1),
        ["forecast", "forecast-data", "handbook", "risk-report"]
    );
    let (status, all) = asker.with_token(GET, path, &alice).await;
    assert_eq!(status, 200);
    assert_eq!(names(&all).len(), 6);
    for row in all.as_array().unwrap() {
        for key in [
            "full_name",
            "name",
            "public",
            "latest_version",
            "package_types",
            "conda_platforms",
        ] {
            assert!(!row[key].is_null(), "{key}");
        }
    }
    let filtered =
        async |query: &str| names(&asker.with_token(GET, &format!("{path}?{query}"), &alice).await.1);
    assert_eq!(
        filtered("access=private").await,
        ["forecast-beta", "pricing", "risk-report"]
    );
    assert_eq!(filtered("access=authenticated").await, ["handbook"]);
    assert_eq!(filtered("platform=linux-64").await, ["forecast"]);
    assert_eq!(filtered("platform=linux-64&platform=noarch").await.len(), 6);
    assert_eq!(filtered("package_type=conda").await.len(), 6);
    assert!(filtered("package_type=pypi").await.is_empty());

    assert_eq!(
        names(&asker.with_token(GET, "/api/packages", &alice).await.1),
        ["alice-tools", "alice-tools-next", "draft"]
    );
    assert_binstar_error(&nobody(&asker, "/api/packages").await, 401);
    assert_binstar_error(&nobody(&asker, "/api/packages/nobody").await, 404);
}

#[tokio::test]
async fn a_package_that_one_may_not_see_is_not_there() {
    let asker = Asker::new().await;
    let bob = asker.repository_token("bob", json!({})).await;
    let get = async |path: &str| asker.with_token(GET, path, &bob).await;
    let (status, package) = get("/api/package/practice-org/risk-report").await;
    assert_eq!(status, 200);
    assert_eq!(
        (
            &package["public"],
            &package["owner"]["login"],
            &package["releases"]
        ),
        (
            &json!(false),
            &json!("practice-org"),
            &json!([{"version": "0.5.0"}, {"version": "0.6.0"}])
        )
    );
    assert_binstar_error(&get("/api/package/practice-org/pricing").await, 404);
    assert_binstar_error(&get("/api/package/practice-org/nothing").await, 404);
    assert_binstar_error(
        &nobody(&asker, "/api/package/practice-org/risk-report").await,
        404,
    );
}

#[tokio::test]
async fn labels_are_those_of_the_packages_one_may_see() {
    let asker = Asker::new().await;
    let alice = asker.repository_token("alice", json!({})).await;
    let (status, labels) = asker.with_token(GET, "/api/channels/practice-org", &alice).await;
    assert_eq!(status, 200);
    assert_eq!(
        labels,
        json!({"main": {"is_locked": false}, "beta": {"is_locked": false}})
    );
    assert_eq!(
        keys(&nobody(&asker, "/api/channels/practice-org").await.1),
        ["main"]
    );
}
