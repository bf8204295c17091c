//! What reports look like as a whole: golden files, hostile input, verdicts, the folder.

mod across;
mod browser;
mod charts;
mod export;
mod fixture;
mod folder;
mod gate;
mod golden;
mod hostile;
mod markup;
mod profiles;
mod repetition;
mod rivalry;
mod splice;
mod verdict;
