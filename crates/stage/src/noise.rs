//! Seeded randomness that never changes with a library's version: splitmix64 and a smooth
//! wander made of sines.

/// A source of numbers from a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noise {
    seed: u64,
}

/// The splitmix64 finaliser (Steele, Lea and Flood 2014): every bit of the input reaches every
/// bit of the output.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Noise {
    /// The source with this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The number with this index, evenly spread over 0–1.
    pub fn share(self, index: u64) -> f64 {
        (mix(mix(self.seed) ^ index) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// The number with this index, evenly spread between two bounds.
    pub fn between(self, index: u64, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share(index)
    }

    /// A smooth wander over time, root mean square about 1: sines between 0.4 and 5 Hz, the
    /// band of a hand-held camera, weaker towards the fast end.
    pub fn wander(self, axis: u64, time_s: f64) -> f64 {
        const SINES: u64 = 6;
        let mut sum = 0.0;
        let mut power = 0.0;
        for sine in 0..SINES {
            let index = axis * 64 + sine * 2;
            let hertz = 0.4 * (5.0f64 / 0.4).powf((sine as f64 + self.share(index)) / SINES as f64);
            let phase = self.share(index + 1) * std::f64::consts::TAU;
            let weight = hertz.powf(-0.7);
            sum += weight * (std::f64::consts::TAU * hertz * time_s + phase).sin();
            power += weight * weight / 2.0;
        }
        sum / power.sqrt()
    }
}

/// A row of numbers from a seed, one after the other.
#[derive(Debug, Clone)]
pub struct Dice {
    noise: Noise,
    thrown: u64,
}

impl Dice {
    /// The row with this seed.
    pub fn new(seed: u64) -> Self {
        Self {
            noise: Noise::new(seed),
            thrown: 0,
        }
    }

    /// The next number, evenly spread over 0–1.
    pub fn share(&mut self) -> f64 {
        self.thrown += 1;
        self.noise.share(self.thrown)
    }

    /// The next number, evenly spread between two bounds.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    /// A whole number below `count`, each as likely.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.share() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// One of several things, each as likely.
    ///
    /// # Panics
    /// Where there is nothing to pick from.
    pub fn pick<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())]
    }

    /// A number of the standard normal distribution (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }
}
