//! What reports look like as a whole: golden files, hostile input, verdicts, the folder.

mod across;
mod charts;
mod fixture;
mod folder;
mod gate;
mod golden;
mod hostile;
mod markup;
mod repetition;
mod verdict;
