//! Receives Zendesk's webhooks about agents, keeps them in SQLite, and answers questions about them over HTTP.
