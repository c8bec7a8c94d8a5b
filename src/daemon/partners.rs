//! Partner kinds with an interface of their own: from the configuration's words to the adapters.

use std::path::Path;
use std::sync::Arc;

use secrecy::ExposeSecret;

use crate::clients::ftp::FtpServer;
use crate::clients::sftp::SftpServer;
use crate::config::{
    CargamosConfig, CargoConnectConfig, CargoofficeConfig, ClientCertificate, ContargoConfig,
    DestinationConfig, FileConfig, FtpConfig, HookConfig, LinkConfig, MailConfig, OnUnknown,
    PlaceConfig, ProofConfig, SftpConfig, SoapConfig, SourceConfig, SourceKind, TrademaxConfig,
    Waits,
};
use crate::failure::Failure;
use crate::limits;
use crate::partners::cargamos::{self, Cargamos, CargamosSettings};
use crate::partners::cargoconnect::{CargoConnect, CargoConnectSettings};
use crate::partners::cargooffice::{self, Cargooffice, CargoofficeSettings};
use crate::partners::contargo::{self, Contargo, ContargoSettings};
use crate::partners::file::{FilePartner, FileSettings, Place};
use crate::partners::folder::Folder;
use crate::partners::mail::Mailbox;
use crate::partners::remote::RemoteFolder;
use crate::partners::soap::{Soap, SoapSettings, Version};
use crate::partners::tracker::Manner;
use crate::partners::trademax::{Encoding, Trademax, TrademaxSettings};
use crate::partners::{Authorities, Identity, LinkSettings, Proof};
use crate::secret::SecretRef;

type Made<T> = Result<Arc<T>, Failure>;

pub(super) fn contargo(of: &DestinationConfig, config: &ContargoConfig) -> Made<Contargo> {
    let token_ca = config.link.ca.as_deref().map(certificate).transpose()?;
    let settings = ContargoSettings {
        link: link(of, &config.link)?,
        user: config.user.clone(),
        password: secret(&config.password)?,
        token_url: config.token_url.clone(),
        client_id: config.client_id.clone(),
        scope: config.scope.clone(),
        token_ca,
        locations_path: config.locations_path.clone(),
        orders_path: config.orders_path.clone(),
        tracking: contargo_tracking(config),
        resend_unknown: of.on_unknown == OnUnknown::Resend,
        fields: config.fields.clone(),
    };
    Ok(Arc::new(Contargo::new(&settings)?))
}

fn contargo_tracking(config: &ContargoConfig) -> contargo::TrackingSettings {
    let track = config.track.as_ref();
    let known = track.map(|track| (track.path.clone(), track.position.clone()));
    // Who follows no orders can still be asked about one.
    let (path, position) = known.unwrap_or_else(|| ("tracking".to_owned(), "1".to_owned()));
    contargo::TrackingSettings {
        path,
        stream_path: track
            .map(|track| track.stream_path.clone())
            .unwrap_or_default(),
        position,
        events_path: config.events_path.clone(),
        report: track.and_then(|track| track.report.clone()),
        every: track.map_or(limits::TRACKING_LASTS, |track| track.waits.every),
        rest: track.map_or(limits::TRACKING_LASTS, |track| track.rest),
    }
}

pub(super) fn cargoconnect(
    of: &DestinationConfig,
    config: &CargoConnectConfig,
) -> Made<CargoConnect> {
    let api_key = secret(&config.api_key)?;
    let hook = config.hook.as_ref();
    let settings = CargoConnectSettings {
        link: link(of, &config.link)?,
        // RFC 2104 over the body, by our own key.
        proof: proof(hook, "cargoai-api-key", Some(&api_key))?,
        api_key,
        callback: hook.map(callback).transpose()?,
        emails: config.emails.clone(),
        pass_on: config.pass_on,
        renew: config.renew,
        subscribe_path: config.subscribe_path.clone(),
        unsubscribe_path: config.unsubscribe_path.clone(),
        fields: config.fields.clone(),
    };
    Ok(Arc::new(CargoConnect::new(&settings)?))
}

/// What a partner's calls must carry; a signature stands in the header `signed` and is made by `key`.
fn proof(
    hook: Option<&HookConfig>,
    signed: &str,
    key: Option<&secrecy::SecretString>,
) -> Result<Proof, Failure> {
    Ok(match hook.map(|hook| &hook.proof) {
        None | Some(ProofConfig::None) => Proof::None,
        Some(ProofConfig::Basic(user, password)) => Proof::Basic {
            user: user.clone(),
            password: secret(password)?,
        },
        Some(ProofConfig::Bearer(token)) => Proof::Bearer(secret(token)?),
        Some(ProofConfig::Header(name, value)) => Proof::Header {
            name: name.clone(),
            value: secret(value)?,
        },
        Some(ProofConfig::Hmac) => Proof::Hmac {
            name: signed.to_owned(),
            key: key.cloned().unwrap_or_default(),
        },
    })
}

/// The address that a partner is told to call.
fn callback(hook: &HookConfig) -> Result<String, Failure> {
    let base = hook.base.as_deref().unwrap_or_default();
    Ok(format!("{base}/hooks/{}", hook_step(hook)?.expose_secret()))
}

/// The step of the address that nobody can guess.
pub(super) fn hook_step(hook: &HookConfig) -> Result<secrecy::SecretString, Failure> {
    let step = secret(&hook.path)?;
    let text = step.expose_secret();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (limits::HOOK_CHARS..=limits::HOOK_CHARS_MOST).contains(&text.len())
        && text.bytes().all(plain)
    {
        return Ok(step);
    }
    let wrong = format!(
        "it must be {} to {} letters, digits, - and _ that nobody can guess: openssl rand -hex 16",
        limits::HOOK_CHARS,
        limits::HOOK_CHARS_MOST
    );
    Err(Failure::operator(
        format!("reading {}", hook.path.key),
        wrong,
    ))
}

/// Asked for as the configuration says; what is not asked for is not followed.
fn asked(waits: Option<Waits>) -> Manner {
    let lasts = limits::TRACKING_LASTS;
    let (first, every) = waits.map_or((lasts, lasts), |waits| (waits.first, waits.every));
    Manner::Asked { first, every }
}

pub(super) fn trademax(of: &DestinationConfig, config: &TrademaxConfig) -> Made<Trademax> {
    let settings = TrademaxSettings {
        link: link(of, &config.link)?,
        api_key: config.api_key.clone(),
        secret: secret(&config.secret)?,
        encoding: if config.form {
            Encoding::Form
        } else {
            Encoding::Json
        },
        signed_url: config.signed_url.clone(),
        vendor: config.vendor,
        transaction_chars: config.transaction_chars,
        instead: config.instead,
        fields: config.fields.clone(),
    };
    Ok(Arc::new(Trademax::new(&settings)?))
}

pub(super) fn cargamos(of: &DestinationConfig, config: &CargamosConfig) -> Made<Cargamos> {
    let settings = CargamosSettings {
        link: link(of, &config.link)?,
        key: secret(&config.key)?,
        user: config.user.clone(),
        password: secret(&config.password)?,
        login_path: config.login_path.clone(),
        shipments_path: config.shipments_path.clone(),
        webhooks_path: config.webhooks_path.clone(),
        callback: config
            .hook
            .as_ref()
            .map(|hook| callback(hook).map(Into::into))
            .transpose()?,
        tracking_id_name: config.tracking_id_name.clone(),
        tracking: cargamos::TrackingSettings {
            asked: config.track.is_some(),
            path: config.tracking_path().to_owned(),
            manner: asked(config.track.as_ref().map(|track| track.waits)),
            proof: proof(config.hook.as_ref(), "", None)?,
            final_states: config.final_states.clone(),
        },
        fields: config.fields.clone(),
    };
    Ok(Arc::new(Cargamos::new(&settings)?))
}

pub(super) fn cargooffice(of: &DestinationConfig, config: &CargoofficeConfig) -> Made<Cargooffice> {
    let settings = CargoofficeSettings {
        link: link(of, &config.link)?,
        key: secret(&config.key)?,
        carrier: config.carrier.clone(),
        customer: config.customer.clone(),
        orders_path: config.orders_path.clone(),
        tracking: cargooffice::TrackingSettings {
            manner: asked(config.track),
            final_states: config
                .final_states
                .iter()
                .map(|state| state.to_lowercase())
                .collect(),
        },
    };
    Ok(Arc::new(Cargooffice::new(&settings)?))
}

pub(super) fn soap(of: &DestinationConfig, config: &SoapConfig) -> Made<Soap> {
    let user = config.user.as_ref();
    let user = user.map(|(user, password)| {
        let password = secret(password)?;
        Ok::<_, Failure>((user.clone(), password))
    });
    let settings = SoapSettings {
        link: link(of, &config.link)?,
        version: if config.twelve {
            Version::V12
        } else {
            Version::V11
        },
        actions: config.actions.clone(),
        body: config.body.clone(),
        user: user.transpose()?,
        remote_id: config.remote_id.clone(),
        facts: config.facts.clone(),
        resend_unknown: of.on_unknown == OnUnknown::Resend,
    };
    Ok(Arc::new(Soap::new(&settings)?))
}

/// A destination that takes files.
pub(super) fn file(
    of: &DestinationConfig,
    config: &FileConfig,
    mail: Option<&MailConfig>,
) -> Made<FilePartner> {
    let settings = FileSettings {
        name: of.name.clone(),
        format: config.format,
        pattern: config.file_name.clone(),
        strict: config.strict,
        ours: config.our_id.clone(),
        theirs: config.partner_id.clone(),
        resend_unknown: of.on_unknown == OnUnknown::Resend,
    };
    let place = place(&of.name, &config.place, mail)?;
    Ok(Arc::new(FilePartner::new(settings, place)?))
}

/// Where files are laid for what `name` names.
pub(super) fn place(
    name: &str,
    config: &PlaceConfig,
    mail: Option<&MailConfig>,
) -> Result<Arc<dyn Place>, Failure> {
    Ok(match config {
        PlaceConfig::Folder(path) => Arc::new(Folder::new(name, path.clone())),
        PlaceConfig::Sftp(sftp) => Arc::new(on_sftp(name, sftp, &sftp.path)?),
        PlaceConfig::Ftp(ftp) => Arc::new(on_ftp(name, ftp, &ftp.path)?),
        PlaceConfig::Mail { to, subject } => {
            let none = || Failure::operator(format!("setting up “{name}”"), "there is no [mail]");
            let mail = mail.ok_or_else(none)?;
            let mailer = super::build::mailer(Some(mail))?.ok_or_else(none)?;
            let (from, to) = (mail.from.clone(), to.clone());
            Arc::new(Mailbox::new(name, mailer, from, to, subject.clone()))
        }
    })
}

fn on_sftp(name: &str, config: &SftpConfig, root: &str) -> Result<RemoteFolder, Failure> {
    let server = Box::new(SftpServer::new(super::sftp::settings(config)?)?);
    let root = root.as_bytes().to_vec();
    Ok(RemoteFolder::new(name, server, root, config.connections))
}

fn on_ftp(name: &str, config: &FtpConfig, root: &str) -> Result<RemoteFolder, Failure> {
    let server = Box::new(FtpServer::new(super::ftp::settings(config)?)?);
    let root = root.as_bytes().to_vec();
    Ok(RemoteFolder::new(name, server, root, config.connections))
}

/// The folder for answers in a source's own place; `None` where a source has no folders.
pub(super) fn beside(
    source: &SourceConfig,
    folder: &str,
) -> Result<Option<Arc<dyn Place>>, Failure> {
    let below = |path: &str| format!("{}/{folder}", path.trim_end_matches('/'));
    let name = &source.name;
    Ok(match &source.kind {
        SourceKind::Local { path } => Some(Arc::new(Folder::new(name, path.join(folder)).made())),
        SourceKind::Sftp(sftp) => Some(Arc::new(on_sftp(name, sftp, &below(&sftp.path))?.made())),
        SourceKind::Ftp(ftp) => Some(Arc::new(on_ftp(name, ftp, &below(&ftp.path))?.made())),
        SourceKind::Imap(_) | SourceKind::Upload => None,
    })
}

/// A folder of its own at a source's place.
pub(super) fn at(source: &SourceConfig, folder: &Path) -> Result<Arc<dyn Place>, Failure> {
    let name = &source.name;
    let there = folder.to_string_lossy();
    Ok(match &source.kind {
        SourceKind::Sftp(sftp) => Arc::new(on_sftp(name, sftp, &there)?),
        SourceKind::Ftp(ftp) => Arc::new(on_ftp(name, ftp, &there)?),
        SourceKind::Local { .. } | SourceKind::Imap(_) | SourceKind::Upload => {
            Arc::new(Folder::new(name, folder.to_path_buf()))
        }
    })
}

pub(super) fn link(of: &DestinationConfig, config: &LinkConfig) -> Result<LinkSettings, Failure> {
    Ok(LinkSettings {
        name: of.name.clone(),
        url: config.url.clone(),
        authorities: authorities(config.ca.as_deref())?,
        identity: identity(config.client.as_ref())?,
        proxy: config.proxy.clone(),
        allow_plaintext: config.allow_plaintext,
        concurrency: of.concurrency,
        connect_timeout: config.connect_timeout,
        response_timeout: config.response_timeout,
        total_timeout: config.total_timeout,
    })
}

/// Whose certificates are believed.
pub(super) fn authorities(ca: Option<&Path>) -> Result<Authorities, Failure> {
    Ok(match ca {
        None => Authorities::System,
        Some(path) => Authorities::Also(certificate(path)?),
    })
}

/// The certificate that we show.
pub(super) fn identity(client: Option<&ClientCertificate>) -> Result<Option<Identity>, Failure> {
    let read = |client: &ClientCertificate| {
        Ok(Identity {
            certificate: certificate(&client.certificate)?,
            key: secret(&client.key)?,
        })
    };
    client.map(read).transpose()
}

fn certificate(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::operator(format!("reading the certificate {}", path.display()), error)
    })
}

/// A secret's value, for an adapter.
pub(super) fn secret(secret: &SecretRef) -> Result<secrecy::SecretString, Failure> {
    Ok(secret.read()?.into_inner())
}
