//! An application that connects by the quick start of openidconnect-rs.
use std::collections::HashMap;
use std::env;

use anyhow::{Result, anyhow};
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims,
    CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, RefreshToken, Scope, SignatureVerificationError,
    TokenResponse, reqwest,
};
use serde_json::{Value, json};
use tiny_http::{Header, Request, Response, Server};

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What the application keeps of one browser.
#[derive(Default)]
struct Session {
    checks: Option<(CsrfToken, Nonce, PkceCodeVerifier)>,
    refresh_token: Option<RefreshToken>,
    id_token: Option<CoreIdToken>,
    user: Value,
}

struct Application {
    http_client: reqwest::blocking::Client,
    client: Client,
    end_session: openidconnect::EndSessionUrl,
    sessions: HashMap<String, Session>,
}

fn main() -> Result<()> {
    let http_client = reqwest::blocking::ClientBuilder::new()
        // Following redirects opens the client up to SSRF vulnerabilities.
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let (client, end_session) = connect(&http_client)?;
    let mut application = Application {
        http_client,
        client,
        end_session,
        sessions: HashMap::new(),
    };
    let server =
        Server::http(format!("127.0.0.1:{}", env::var("PORT")?)).map_err(|fault| anyhow!(fault))?;
    for request in server.incoming_requests() {
        application.answer(request)?;
    }
    Ok(())
}

/// What the provider says of itself, and its keys.
fn connect(
    http_client: &reqwest::blocking::Client,
) -> Result<(Client, openidconnect::EndSessionUrl)> {
    let provider_metadata =
        ProviderMetadataWithLogout::discover(&IssuerUrl::new(env::var("ISSUER")?)?, http_client)?;
    let end_session = provider_metadata
        .additional_metadata()
        .end_session_endpoint
        .clone();
    let client = CoreClient::from_provider_metadata(
        provider_metadata,
        ClientId::new(env::var("CLIENT_ID")?),
        Some(ClientSecret::new(env::var("CLIENT_SECRET")?)),
    )
    .set_redirect_uri(RedirectUrl::new(format!(
        "{}/callback",
        env::var("BASE_URL")?
    ))?);
    Ok((
        client,
        end_session.ok_or_else(|| anyhow!("nowhere to sign out"))?,
    ))
}

impl Application {
    fn answer(&mut self, request: Request) -> Result<()> {
        let url = url::Url::parse(&format!("{}{}", env::var("BASE_URL")?, request.url()))?;
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let id = cookie(&request).unwrap_or_else(|| CsrfToken::new_random().secret().clone());
        self.sessions.entry(id.clone()).or_default();
        let outcome = match url.path() {
            "/" => Ok(None),
            "/login" => self.sign_in(&id, None, None),
            "/silent" => self.sign_in(&id, Some(CoreAuthPrompt::None), None),
            "/payroll" => self.sign_in(&id, None, Some("urn:sigma:acr:mfa")),
            "/callback" => self.callback(&id, &query),
            "/refresh" => self.refresh(&id),
            "/logout" => self.sign_out(&id),
            path => Err(anyhow!("nothing at {path}")),
        };
        let kept = Header::from_bytes(
            "Set-Cookie",
            format!("roster-rust={id}; Path=/; HttpOnly; SameSite=Lax"),
        );
        let mut response = match outcome {
            Ok(None) => Response::from_string(self.sessions[&id].user.to_string()),
            Ok(Some(onward)) => Response::from_string("").with_status_code(302).with_header(
                Header::from_bytes("Location", onward).map_err(|()| anyhow!("no address"))?,
            ),
            Err(fault) => Response::from_string(format!("{fault:#}")).with_status_code(502),
        };
        response.add_header(kept.map_err(|()| anyhow!("no cookie"))?);
        Ok(request.respond(response)?)
    }

    fn sign_in(
        &mut self,
        id: &str,
        prompt: Option<CoreAuthPrompt>,
        acr: Option<&str>,
    ) -> Result<Option<String>> {
        // Generate a PKCE challenge.
        let (pkce_challenge, pkce_verifier) = PkceCodeChallenge::new_random_sha256();

        // Generate the full authorization URL.
        let mut request = self
            .client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            // Set the desired scopes.
            .add_scope(Scope::new("profile".to_string()))
            .add_scope(Scope::new("email".to_string()))
            // Set the PKCE code challenge.
            .set_pkce_challenge(pkce_challenge);
        if let Some(prompt) = prompt {
            request = request.add_prompt(prompt);
        }
        if let Some(acr) = acr {
            request =
                request.add_auth_context_value(AuthenticationContextClass::new(acr.to_string()));
        }
        let (auth_url, csrf_token, nonce) = request.url();
        self.session(id).checks = Some((csrf_token, nonce, pkce_verifier));
        Ok(Some(auth_url.to_string()))
    }

    fn callback(&mut self, id: &str, query: &HashMap<String, String>) -> Result<Option<String>> {
        let (csrf_token, nonce, pkce_verifier) = self
            .session(id)
            .checks
            .take()
            .ok_or_else(|| anyhow!("no sign-in was begun"))?;
        if query.get("state") != Some(csrf_token.secret()) {
            return Err(anyhow!("state did not match"));
        }
        let code = query
            .get("code")
            .ok_or_else(|| anyhow!("{}", query["error"]))?;
        let token_response = self
            .client
            .exchange_code(AuthorizationCode::new(code.clone()))?
            // Set the PKCE code verifier.
            .set_pkce_verifier(pkce_verifier)
            .request(&self.http_client)?;
        let claims = self.verify(&token_response, &nonce)?;
        let userinfo: CoreUserInfoClaims = self
            .client
            .user_info(
                token_response.access_token().to_owned(),
                Some(claims.subject().to_owned()),
            )?
            .request(&self.http_client)?;
        let session = self.session(id);
        session.user = json!({ "claims": claims, "userinfo": userinfo });
        session.id_token = token_response.id_token().cloned();
        session.refresh_token = token_response.refresh_token().cloned();
        Ok(Some("/".to_string()))
    }

    fn verify(
        &mut self,
        token_response: &CoreTokenResponse,
        nonce: &Nonce,
    ) -> Result<CoreIdTokenClaims> {
        let id_token = token_response
            .id_token()
            .ok_or_else(|| anyhow!("Server did not return an ID token"))?;
        let claims = id_token
            .claims(&self.client.id_token_verifier(), nonce)
            .cloned();
        // The library keeps the keys of the day it was started. One that it has never seen: fetch them again, once.
        if let Err(ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        )) = claims
        {
            self.client = connect(&self.http_client)?.0;
            return Ok(id_token
                .claims(&self.client.id_token_verifier(), nonce)?
                .clone());
        }
        Ok(claims?)
    }

    fn refresh(&mut self, id: &str) -> Result<Option<String>> {
        let old = self
            .session(id)
            .refresh_token
            .clone()
            .ok_or_else(|| anyhow!("no refresh token"))?;
        let token_response = self
            .client
            .exchange_refresh_token(&old)?
            .request(&self.http_client)?;
        self.session(id).refresh_token = token_response.refresh_token().cloned();
        Ok(Some("/".to_string()))
    }

    fn sign_out(&mut self, id: &str) -> Result<Option<String>> {
        let session = self.sessions.remove(id).ok_or_else(|| anyhow!("nobody"))?;
        let id_token = session.id_token.ok_or_else(|| anyhow!("nobody"))?;
        let request = LogoutRequest::from(self.end_session.clone())
            .set_id_token_hint(&id_token)
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(format!(
                "{}/",
                env::var("BASE_URL")?
            ))?);
        self.sessions.insert(id.to_string(), Session::default());
        Ok(Some(request.http_get_url().to_string()))
    }

    fn session(&mut self, id: &str) -> &mut Session {
        self.sessions.entry(id.to_string()).or_default()
    }
}

fn cookie(request: &Request) -> Option<String> {
    let header = request
        .headers()
        .iter()
        .find(|header| header.field.equiv("Cookie"))?;
    let mut pairs = header.value.as_str().split("; ");
    pairs
        .find_map(|pair| pair.strip_prefix("roster-rust="))
        .map(str::to_string)
}
