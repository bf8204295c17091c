//! ctrl-C and SIGTERM: the first asks to stop at the next safe place, the second stops at once.

use crate::error::{Doing, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells whether somebody asked to stop.
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Begins to listen.
    pub fn listen() -> Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // Registered in this order the first signal only sets the flag, the second finds it set.
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&asked))
                .doing(|| "listening for ctrl-C".to_owned())?;
            signal_hook::flag::register(signal, Arc::clone(&asked))
                .doing(|| "listening for ctrl-C".to_owned())?;
        }
        Ok(Self(asked))
    }

    /// Did somebody ask to stop?
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
