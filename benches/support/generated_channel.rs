//! A channel with as many records as are wanted, like those of a large public one: a third as many names as records by
//! thirty, a few names with very many builds, versions that grow, and hashes that cannot be compressed.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Bytes of the files that were written.
pub struct Made {
    pub plain: u64,
    pub zst: u64,
}

const SYLLABLES: [&str; 40] = [
    "py", "lib", "num", "sci", "kit", "learn", "data", "flow", "graph", "net", "json", "http", "core",
    "base", "geo", "bio", "r", "stat", "plot", "test", "auth", "cloud", "fast", "micro", "tree", "hash",
    "zip", "xml", "ml", "nlp", "audio", "image", "video", "matrix", "tensor", "torch", "cuda", "open", "go",
    "rs",
];

const LICENSES: [&str; 6] = [
    "MIT",
    "BSD-3-Clause",
    "Apache-2.0",
    "GPL-3.0-or-later",
    "MPL-2.0",
    "PSF-2.0",
];

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn hex(&mut self, words: usize) -> String {
        (0..words).map(|_| format!("{:016x}", self.next())).collect()
    }
}

/// Counts bytes on their way to the file.
struct Counted<W>(W, u64);

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.0.write(bytes)?;
        self.1 += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes `main/{linux-64,noarch}/repodata.json.zst` below the folder.
pub fn write(folder: &Path, records: usize) -> Made {
    let mut made = Made { plain: 0, zst: 0 };
    for (subdir, share) in [("linux-64", 63), ("noarch", 37)] {
        let path = folder.join("main").join(subdir);
        fs::create_dir_all(&path).unwrap();
        let path = path.join("repodata.json.zst");
        let file = BufWriter::new(fs::File::create(&path).unwrap());
        let encoder = zstd::Encoder::new(file, 3).unwrap();
        let mut out = Counted(encoder, 0);
        subdir_of(&mut out, subdir, records * share / 100).unwrap();
        made.plain += out.1;
        out.0.finish().unwrap().flush().unwrap();
        made.zst += path.metadata().unwrap().len();
    }
    made
}

fn subdir_of(out: &mut impl Write, subdir: &str, records: usize) -> io::Result<()> {
    let mut numbers = Numbers(if subdir == "noarch" { 2 } else { 1 });
    let mut names = std::collections::BTreeSet::new();
    while names.len() < records / 30 + 1 {
        let count = 2 + numbers.below(2);
        let parts: Vec<_> = (0..count)
            .map(|_| SYLLABLES[numbers.below(40) as usize])
            .collect();
        let number = match numbers.below(3) {
            0 => numbers.below(1000).to_string(),
            _ => String::new(),
        };
        names.insert(format!(
            "{}{number}",
            parts.join(if numbers.below(2) == 0 { "-" } else { "" })
        ));
    }
    let names: Vec<String> = names.into_iter().collect();
    // The few first have very many builds (Zipf), and both maps hold builds of a name.
    let weights: Vec<f64> = (0..names.len())
        .map(|rank| 1.0 / (rank as f64 + 8.0).powf(0.72))
        .collect();
    let sum: f64 = weights.iter().sum();
    let mut order: Vec<usize> = (0..names.len()).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, numbers.below(at as u64 + 1) as usize);
    }
    let mut counts = vec![1_usize; names.len()];
    for (rank, &name) in order.iter().enumerate() {
        counts[name] = ((records as f64 * weights[rank] / sum).round() as usize).max(1);
    }
    write!(out, "{{\"info\":{{\"subdir\":\"{subdir}\"}}")?;
    for (map, extension, older) in [("packages", "tar.bz2", true), ("packages.conda", "conda", false)] {
        write!(out, ",\"{map}\":{{")?;
        let mut is_first = true;
        for (name, &count) in names.iter().zip(&counts) {
            let half = count * 2 / 5;
            let builds = if older { 0..half } else { half..count };
            for number in builds {
                if !std::mem::take(&mut is_first) {
                    out.write_all(b",")?;
                }
                record(out, &mut numbers, &names, name, number, extension, subdir)?;
            }
        }
        out.write_all(b"}")?;
    }
    out.write_all(b",\"removed\":[],\"repodata_version\":1}")
}

fn record(
    out: &mut impl Write,
    numbers: &mut Numbers,
    names: &[String],
    name: &str,
    number: usize,
    extension: &str,
    subdir: &str,
) -> io::Result<()> {
    let version = format!("{}.{}.{}", number / 120, number / 8 % 15, number / 4 % 2);
    let python = 9 + number % 4;
    let build = match subdir {
        "noarch" => format!("pyhd8ed1ab_{}", number % 4),
        _ => format!("py3{python}h{:07x}_0", numbers.next() & 0xfff_ffff),
    };
    write!(
        out,
        "\"{name}-{version}-{build}.{extension}\":{{\"build\":\"{build}\",\"build_number\":{},\"depends\":[\"libgcc-ng >=12\"",
        number % 4
    )?;
    for _ in 0..1 + numbers.below(5) {
        let needed = &names[numbers.below(names.len() as u64) as usize];
        match numbers.below(3) {
            0 => write!(out, ",\"{needed}\"")?,
            _ => write!(out, ",\"{needed} >={}.{}\"", numbers.below(4), numbers.below(20))?,
        }
    }
    write!(
        out,
        ",\"python >=3.{python},<3.{}.0a0\"],\"license\":\"{}\",\"md5\":\"{}\",\"name\":\"{name}\",\"sha256\":\"{}\",\"size\":{},\"subdir\":\"{subdir}\",\"timestamp\":{},\"version\":\"{version}\"}}",
        python + 1,
        LICENSES[numbers.below(6) as usize],
        numbers.hex(2),
        numbers.hex(4),
        4096 + numbers.below(5_000_000),
        1_600_000_000_000 + number as u64 * 86_400_000,
    )
}
