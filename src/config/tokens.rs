//! Which tokens are believed, and where the page lets people sign in.

use crate::config::environment::{ConfigError, Environment};
use crate::config::limits::TOKEN_SECRET_BYTES_MIN;

#[derive(Clone, PartialEq, Eq)]
pub struct TokensConfig {
    /// `VIVA_TOKEN_SECRET`: the key (HS256) with which the platform signs its tokens. Without it, and without an issuer, viva makes a key of
    /// its own in the data folder, for `viva token` and, on loopback, `POST /dev/token`.
    pub secret: Option<String>,
    /// `VIVA_ISSUER` and what belongs to it: tokens of an issuer with published keys, and no others.
    pub issuer: Option<IssuerConfig>,
    /// `VIVA_SUPABASE_URL` and `VIVA_SUPABASE_ANON_KEY`: where the page lets people sign in.
    pub sign_in: Option<SignIn>,
    /// `VIVA_DEV_TOKENS`: `off` closes `POST /dev/token`; `on` insists on it. By default it is open on loopback when neither a secret nor an
    /// issuer is set.
    pub dev_tokens: Option<bool>,
}

/// An issuer of tokens, and which of its tokens are meant for us.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuerConfig {
    /// `VIVA_ISSUER`: the claim `iss` of its tokens, to the letter; for Supabase `https://<project>.supabase.co/auth/v1`.
    pub issuer: String,
    /// `VIVA_JWKS_URL`: where its keys are published; `{issuer}/.well-known/jwks.json`.
    pub jwks_url: String,
    /// `VIVA_AUDIENCE`: one of the claim `aud`; `authenticated`.
    pub audience: String,
    /// `VIVA_ANONYMOUS`: whether guests (`is_anonymous`) are admitted; `off`, since anybody can become one at will.
    pub anonymous: bool,
    /// `VIVA_TOKEN_SECRET`: the secret of a project that still signs with HS256; without it no such token is believed.
    pub secret: Option<String>,
    /// `VIVA_TOKEN_SECRET_ARN`: the same, kept in Secrets Manager; functions read it once, when they start.
    pub secret_arn: Option<String>,
}

/// What the page must know to sign people in with Supabase. Nothing of it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// `VIVA_SUPABASE_URL`: `https://<project>.supabase.co`.
    pub supabase_url: String,
    /// `VIVA_SUPABASE_ANON_KEY`: the publishable key of the project.
    pub anon_key: String,
    /// `VIVA_ANONYMOUS`: whether people may come as guests.
    pub guests: bool,
}

impl std::fmt::Debug for TokensConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secret = self.secret.as_ref().map(|_| "(set)");
        f.debug_struct("TokensConfig")
            .field("secret", &secret)
            .field("issuer", &self.issuer)
            .field("sign_in", &self.sign_in)
            .field("dev_tokens", &self.dev_tokens)
            .finish()
    }
}

impl std::fmt::Debug for IssuerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuerConfig")
            .field("issuer", &self.issuer)
            .field("jwks_url", &self.jwks_url)
            .field("audience", &self.audience)
            .field("anonymous", &self.anonymous)
            .field("secret", &self.secret.as_ref().map(|_| "(set)"))
            .field("secret_arn", &self.secret_arn)
            .finish()
    }
}

impl TokensConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let config = Self {
            secret: secret(environment)?,
            issuer: IssuerConfig::read(environment)?,
            sign_in: SignIn::read(environment)?,
            dev_tokens: environment.switch("VIVA_DEV_TOKENS")?,
        };
        if config.dev_tokens == Some(true) && config.are_a_platforms() {
            let problem = "tokens for anybody are not given out where VIVA_TOKEN_SECRET names the platform's own key, or VIVA_ISSUER \
                           who signs";
            return Err(ConfigError::new("VIVA_DEV_TOKENS", problem));
        }
        if let Some(SignIn { supabase_url, .. }) = &config.sign_in
            && config.issuer.is_none()
        {
            let problem = format!("it must be set beside VIVA_SUPABASE_URL, e.g. {supabase_url}/auth/v1");
            return Err(ConfigError::new("VIVA_ISSUER", problem));
        }
        Ok(config)
    }

    /// Whether a platform signs the tokens, so that we must not.
    pub fn are_a_platforms(&self) -> bool {
        self.secret.is_some() || self.issuer.is_some()
    }
}

impl IssuerConfig {
    /// `None`: no issuer is configured.
    pub fn read(environment: &Environment) -> Result<Option<Self>, ConfigError> {
        let Some(issuer) = environment.text("VIVA_ISSUER").map(str::to_owned) else {
            return match ["VIVA_JWKS_URL", "VIVA_AUDIENCE", "VIVA_ANONYMOUS"]
                .into_iter()
                .find(|name| environment.text(name).is_some())
            {
                Some(name) => Err(ConfigError::new(name, "it says nothing without VIVA_ISSUER")),
                None => Ok(None),
            };
        };
        let trimmed = environment.url("VIVA_ISSUER")?.unwrap_or_default();
        let given = environment.url("VIVA_JWKS_URL")?;
        let variable = if given.is_some() { "VIVA_JWKS_URL" } else { "VIVA_ISSUER" };
        let jwks_url = given.unwrap_or_else(|| format!("{trimmed}/.well-known/jwks.json"));
        if !is_private(&jwks_url) {
            let problem = "keys that come over plain http could be anybody's; use https (http is for loopback alone)";
            return Err(ConfigError::new(variable, problem));
        }
        Ok(Some(Self {
            issuer,
            jwks_url,
            audience: environment.text("VIVA_AUDIENCE").unwrap_or("authenticated").to_owned(),
            anonymous: environment.switch("VIVA_ANONYMOUS")?.unwrap_or(false),
            secret: secret(environment)?,
            secret_arn: environment.text("VIVA_TOKEN_SECRET_ARN").map(str::to_owned),
        }))
    }
}

impl SignIn {
    fn read(environment: &Environment) -> Result<Option<Self>, ConfigError> {
        let (url, key) = (environment.url("VIVA_SUPABASE_URL")?, environment.text("VIVA_SUPABASE_ANON_KEY"));
        match (url, key) {
            (None, None) => Ok(None),
            (Some(supabase_url), Some(_)) if !is_origin(&supabase_url) => {
                let problem = format!("`{supabase_url}` is more than an origin such as https://project.supabase.co");
                Err(ConfigError::new("VIVA_SUPABASE_URL", problem))
            }
            (Some(supabase_url), Some(anon_key)) => {
                let guests = environment.switch("VIVA_ANONYMOUS")?.unwrap_or(false);
                Ok(Some(Self { supabase_url, anon_key: anon_key.to_owned(), guests }))
            }
            (Some(_), None) => {
                Err(ConfigError::new("VIVA_SUPABASE_ANON_KEY", "it must be set beside VIVA_SUPABASE_URL"))
            }
            (None, Some(_)) => {
                Err(ConfigError::new("VIVA_SUPABASE_URL", "it must be set beside VIVA_SUPABASE_ANON_KEY"))
            }
        }
    }
}

fn secret(environment: &Environment) -> Result<Option<String>, ConfigError> {
    let secret = environment.text("VIVA_TOKEN_SECRET").map(str::to_owned);
    if let Some(secret) = &secret
        && secret.len() < TOKEN_SECRET_BYTES_MIN
    {
        let problem = format!("it has {} bytes; a key for HS256 needs {TOKEN_SECRET_BYTES_MIN}", secret.len());
        return Err(ConfigError::new("VIVA_TOKEN_SECRET", problem));
    }
    Ok(secret)
}

/// Scheme, host and port alone: it becomes part of the page's security policy.
fn is_origin(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
}

/// Whether nobody on the way can change what comes from there.
fn is_private(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return true };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
