//! Is nothing lost, nothing changed, and everything readable? The result directory under kills, damage, shards and resumes.

mod columns;
mod directory;
mod files;
mod log;
mod support;
mod transitions;
