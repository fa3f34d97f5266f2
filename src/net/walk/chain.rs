//! A region of packets through one list of lines.
//!
//! First match over disjoint boxes. A line that may or may not match leaves its packets in the list and notes what it may
//! do to them, so that afterwards a packet has exactly the outcomes that some reading of the unknown parts gives it.

use crate::model::Opaque;
use crate::model::upstream::{Action, Chain, ChainId, Device, End, Line, Order, Translation};
use crate::net::region::{Budget, Part, Region};
use crate::source::Span;

use super::flow::{Fit, Flow, Why};
use super::outcome::{By, Doubt, Shadowed, Step};

/// Lists that call each other deeper than this are taken for a loop.
const DEPTH: u32 = 64;
/// Shadowed lines beyond this many are not reported.
const SHADOWED: usize = 16;

/// What a list did to some packets.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect<'a> {
    Permit,
    Deny,
    Translate(&'a Translation),
    Unknown(&'a Opaque),
}

/// Packets and what was done to them.
#[derive(Clone, Debug)]
pub(super) struct Piece<'a> {
    pub(super) effect: Effect<'a>,
    pub(super) by: By<'a>,
    pub(super) region: Region,
}

/// What one walk gathers besides outcomes.
#[derive(Debug)]
pub(super) struct Notes<'a> {
    pub(super) budget: Budget,
    /// Lines that may or may not match, with the packets that it matters for.
    pub(super) doubts: Vec<(Doubt<'a>, Region)>,
    pub(super) shadowed: Vec<Shadowed<'a>>,
    /// Permits and forwards for the port that took packets.
    pub(super) met: Vec<&'a Line>,
    /// Lines and defaults that the one packet of a replay met.
    pub(super) steps: Vec<Step<'a>>,
    /// One concrete packet is followed: doubtful lines are taken not to match, and steps are written down.
    pub(super) replay: bool,
}

impl Notes<'_> {
    pub(super) const fn new(replay: bool) -> Self {
        Self { budget: Budget::full(), doubts: Vec::new(), shadowed: Vec::new(), met: Vec::new(), steps: Vec::new(), replay }
    }
}

/// One pass of a region through a base list and the lists that it calls.
pub(super) struct Pass<'w, 'a> {
    pub(super) device: &'a Device,
    pub(super) index: usize,
    pub(super) flow: Flow<'w>,
    pub(super) notes: &'w mut Notes<'a>,
    pub(super) pieces: Vec<Piece<'a>>,
    doubtful: bool,
}

impl<'w, 'a> Pass<'w, 'a> {
    pub(super) fn new(device: &'a Device, index: usize, flow: Flow<'w>, notes: &'w mut Notes<'a>) -> Self {
        Self { device, index, flow, notes, pieces: Vec::new(), doubtful: false }
    }

    /// Sends `region` through the base list; every packet ends in a piece.
    pub(super) fn base(&mut self, id: ChainId, region: Region) {
        let Some(chain) = self.device.chain(id) else {
            self.note_missing(self.device.name.span, &region);
            return;
        };
        let rest = self.chain(chain, region, 0);
        if rest.is_empty() {
            return;
        }
        let end = chain.end.unwrap_or(End::implicit(true, chain.span));
        let effect = if end.permits { Effect::Permit } else { Effect::Deny };
        self.step(By::End(end));
        self.pieces.push(Piece { effect, by: By::End(end), region: rest });
    }

    /// All packets with the given effect; a packet may have several effects when lines are in doubt.
    pub(super) fn permitted(&mut self) -> Region {
        let mut all = Region::default();
        for piece in &mut self.pieces {
            if matches!(piece.effect, Effect::Permit) {
                let region = std::mem::take(&mut piece.region);
                if self.doubtful {
                    all.absorb(region, &mut self.notes.budget);
                } else {
                    all.add(region);
                }
            }
        }
        all
    }

    /// What falls out at the end of the list, or returns from it.
    fn chain(&mut self, chain: &'a Chain, mut pool: Region, depth: u32) -> Region {
        let mut returned = Region::default();
        if depth > DEPTH {
            self.notes.budget.spend(usize::MAX >> 40);
            self.note_missing(chain.span, &pool);
            return pool;
        }
        let count = chain.lines.len();
        for i in 0..count {
            let line = &chain.lines[if chain.order == Order::LastMatch { count - 1 - i } else { i }];
            if !line.enabled || matches!(line.action, Action::Continue) {
                continue;
            }
            if self.notes.budget.is_spent() {
                break;
            }
            let (part, why) = match self.flow.fit(line) {
                Fit::No => continue,
                Fit::Yes(part) => (part, None),
                Fit::Maybe(part, why) => (part, Some(why)),
            };
            if pool.is_empty() {
                self.shadow(chain, line, part, why.is_some());
                continue;
            }
            self.line(chain, line, part, why, &mut pool, &mut returned, depth);
        }
        if returned.is_empty() {
            return pool;
        }
        self.join(&mut returned, pool);
        returned
    }

    #[expect(clippy::too_many_arguments, reason = "the inner step of the loop above")]
    fn line(
        &mut self,
        chain: &'a Chain,
        line: &'a Line,
        part: Part<'a>,
        why: Option<Why<'a>>,
        pool: &mut Region,
        returned: &mut Region,
        depth: u32,
    ) {
        let sure = why.is_none();
        let taken = match why {
            None => pool.take(part, &mut self.notes.budget),
            Some(_) if self.notes.replay => return,
            Some(why) => {
                let taken = pool.within(part, &mut self.notes.budget);
                if !taken.is_empty() {
                    self.doubt(line.span, why, taken.clone());
                }
                taken
            }
        };
        if taken.is_empty() {
            self.shadow(chain, line, part, !sure);
            return;
        }
        if self.is_meant(line) {
            self.notes.met.push(line);
        }
        if !matches!(line.action, Action::Return) {
            self.step(By::Line(line));
        }
        let by = By::Line(line);
        match &line.action {
            Action::Continue => {}
            Action::Permit => self.pieces.push(Piece { effect: Effect::Permit, by, region: taken }),
            Action::Deny => self.pieces.push(Piece { effect: Effect::Deny, by, region: taken }),
            Action::Translate(to) => self.pieces.push(Piece { effect: Effect::Translate(to), by, region: taken }),
            Action::Return => self.join(returned, taken),
            Action::Jump(id) => {
                let back = self.call(*id, line, taken, depth);
                if sure {
                    self.join(pool, back);
                }
            }
            Action::Goto(id) => {
                let back = self.call(*id, line, taken, depth);
                self.join(returned, back);
            }
            Action::Opaque(opaque) => {
                if !self.notes.replay {
                    self.doubtful = true;
                    self.pieces.push(Piece { effect: Effect::Unknown(opaque), by, region: taken.clone() });
                }
                if sure {
                    self.join(pool, taken);
                }
            }
        }
        debug_assert!(chain.order != Order::AllowUnion || !matches!(line.action, Action::Deny));
    }

    fn call(&mut self, id: ChainId, line: &'a Line, region: Region, depth: u32) -> Region {
        let Some(chain) = self.device.chain(id) else {
            self.note_missing(line.span, &region);
            return region;
        };
        self.chain(chain, region, depth + 1)
    }

    /// Joins regions that share nothing unless something was in doubt.
    fn join(&mut self, to: &mut Region, region: Region) {
        if self.doubtful {
            to.absorb(region, &mut self.notes.budget);
        } else {
            to.add(region);
        }
    }

    fn doubt(&mut self, line: Span, why: Why<'a>, region: Region) {
        self.doubtful = true;
        self.notes.doubts.push((Doubt { device: self.index, line, part: why.span, reason: why.reason }, region));
    }

    /// A list that is called and not there, or calls itself: its packets may meet anything.
    fn note_missing(&mut self, span: Span, region: &Region) {
        self.doubtful = true;
        let doubt = Doubt { device: self.index, line: span, part: span, reason: "the list that is called is not in the file".into() };
        self.notes.doubts.push((doubt, region.clone()));
        for effect in [Effect::Permit, Effect::Deny] {
            self.pieces.push(Piece { effect, by: By::End(End::implicit(false, span)), region: region.clone() });
        }
    }

    /// Whether a line permits or forwards the port by name.
    fn is_meant(&self, line: &Line) -> bool {
        matches!(line.action, Action::Permit | Action::Translate(_)) && self.flow.port.is_some_and(|port| line.names_port(port))
    }

    /// Notes a permit or forward that names the port and found no packet left, with the lines that took them.
    fn shadow(&mut self, chain: &Chain, line: &'a Line, part: Part<'a>, in_doubt: bool) {
        let unordered = chain.order == Order::AllowUnion;
        if unordered || !self.is_meant(line) || in_doubt || self.notes.replay || self.notes.shadowed.len() >= SHADOWED {
            return;
        }
        let mut by = Vec::new();
        for piece in &self.pieces {
            if let By::Line(taker) = piece.by
                && piece.region.meets(part, &mut self.notes.budget)
            {
                by.push(taker);
            }
        }
        if !by.is_empty() {
            self.notes.shadowed.push(Shadowed { device: self.index, line, by });
        }
    }

    fn step(&mut self, by: By<'a>) {
        if self.notes.replay {
            self.notes.steps.push(Step { device: self.index, by });
        }
    }
}
