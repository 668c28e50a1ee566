//! Random cases that are the same in every run. `SEXTANT_CASES` sets their number.

#![allow(dead_code, reason = "every test uses its part")]

pub fn cases() -> usize {
    let usual = if std::env::var_os("CI").is_some() {
        10_000
    } else {
        300
    };
    std::env::var("SEXTANT_CASES").map_or(usual, |count| count.parse().expect("SEXTANT_CASES is a number"))
}

/// The same cases in every run: a failure names its number.
pub struct Dice(u64);

impl Dice {
    pub fn for_case(number: usize) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ (number as u64 + 1).wrapping_mul(0xd134_2543_de82_ef95))
    }

    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % sides
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}
