//! The one expression language of the product: conditions of routes, mappings, bodies, mails.
