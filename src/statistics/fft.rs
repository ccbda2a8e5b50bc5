//! Power spectrum of a real signal whose length is a power of two.
//!
//! Stockham's self-sorting transform, radix 4 with a last radix-2 stage where needed, over N/2 complex numbers made of pairs
//! of real ones. It exists because the bytes of a result may not depend on the processor: libraries choose their
//! kernels by processor, and take their twiddle factors from the platform's sine.

use core::f64::consts::TAU;
use multiversion::multiversion;

/// A complex number (real, imaginary).
pub type Complex = [f64; 2];

/// Twiddle factors for signals of length N.
#[derive(Clone, Debug)]
pub struct Fft {
    /// w^k, w = exp(-2 pi i/N), k < N/2.
    real: Vec<Complex>,
    /// Per radix-4 stage over sub-transforms of length n: (w^p, w^2p, w^3p), w = exp(-2 pi i/n), p < n/4.
    stages: Vec<Vec<[Complex; 3]>>,
}

/// Two arrays of N/2, empty before they are first used; the signal is in the first one, even samples as real and odd ones as
/// imaginary parts.
#[derive(Clone, Debug, Default)]
pub struct FftScratch {
    signal: Vec<Complex>,
    other: Vec<Complex>,
}

/// exp(-2 pi i k/n).
fn root(k: usize, n: usize) -> Complex {
    let (sin, cos) = libm::sincos(TAU * k as f64 / n as f64);
    [cos, -sin]
}

impl Fft {
    /// For signals of length `n`, a power of two, at least 4.
    pub fn new(n: usize) -> Fft {
        assert!(n >= 4 && n.is_power_of_two(), "transform length {n} is no power of two of at least 4");
        let mut stages = Vec::new();
        let mut length = n / 2;
        while length >= 4 {
            stages.push((0..length / 4).map(|p| [1, 2, 3].map(|k| root(k * p, length))).collect());
            length /= 4;
        }
        Fft { real: (0..n / 2).map(|k| root(k, n)).collect(), stages }
    }

    /// Where a signal goes.
    pub fn signal<'a>(&self, scratch: &'a mut FftScratch) -> &'a mut [Complex] {
        let half = self.real.len();
        scratch.signal.resize(half, [0.0; 2]);
        scratch.other.resize(half, [0.0; 2]);
        &mut scratch.signal
    }

    /// Adds |X_k|^2 for k = 0..=N/2 to `power`, X being the transform of [`Fft::signal`], which is lost.
    pub fn add_power(&self, scratch: &mut FftScratch, power: &mut [f64]) {
        add_power(self, scratch, power);
    }

    /// Adds |X_k|^2 for k = 0..=N/2 to `power`.
    #[inline(always)]
    fn add_transformed(&self, scratch: &mut FftScratch, power: &mut [f64]) {
        self.transform(scratch);
        let half = self.real.len();
        let z = &scratch.signal[..half];
        let power = &mut power[..=half];
        power[0] += (z[0][0] + z[0][1]) * (z[0][0] + z[0][1]);
        power[half] += (z[0][0] - z[0][1]) * (z[0][0] - z[0][1]);
        // X_k = (Z_k + Z*_{M-k})/2 - i w^k (Z_k - Z*_{M-k})/2, M = N/2
        let pairs = z[1..].iter().zip(z[1..].iter().rev());
        for ((a, b), ([cos, sin], power)) in pairs.zip(self.real[1..].iter().zip(&mut power[1..])) {
            let (even_re, even_im) = (0.5 * (a[0] + b[0]), 0.5 * (a[1] - b[1]));
            let (odd_re, odd_im) = (0.5 * (a[1] + b[1]), 0.5 * (b[0] - a[0]));
            let x_re = even_re + cos * odd_re - sin * odd_im;
            let x_im = even_im + cos * odd_im + sin * odd_re;
            *power += x_re * x_re + x_im * x_im;
        }
    }

    /// Complex transform of the signal, in place.
    #[inline(always)]
    fn transform(&self, scratch: &mut FftScratch) {
        let FftScratch { signal, other } = scratch;
        let mut stride = 1;
        for twiddles in &self.stages {
            // a stride known to the compiler frees the first stages of an inner loop
            match stride {
                1 => radix4(twiddles, 1, signal, other),
                4 => radix4(twiddles, 4, signal, other),
                _ => radix4(twiddles, stride, signal, other),
            }
            core::mem::swap(signal, other);
            stride *= 4;
        }
        if stride < signal.len() {
            let (low, high) = signal.split_at_mut(stride);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = ([a[0] + b[0], a[1] + b[1]], [a[0] - b[0], a[1] - b[1]]);
            }
        }
    }
}

/// [`Fft::add_transformed`] for wider vectors; the bits are the same.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn add_power(fft: &Fft, scratch: &mut FftScratch, power: &mut [f64]) {
    fft.add_transformed(scratch, power);
}

/// One stage over `stride` sub-transforms side by side.
#[inline(always)]
fn radix4(twiddles: &[[Complex; 3]], stride: usize, from: &[Complex], to: &mut [Complex]) {
    let (low, high) = from.split_at(from.len() / 2);
    let (a, b) = low.split_at(low.len() / 2);
    let (c, d) = high.split_at(high.len() / 2);
    let inputs = a.chunks_exact(stride).zip(b.chunks_exact(stride));
    let inputs = inputs.zip(c.chunks_exact(stride).zip(d.chunks_exact(stride)));
    for ((((a, b), (c, d)), to), [w1, w2, w3]) in inputs.zip(to.chunks_exact_mut(4 * stride)).zip(twiddles) {
        let (low, high) = to.split_at_mut(2 * stride);
        let (y0, y1) = low.split_at_mut(stride);
        let (y2, y3) = high.split_at_mut(stride);
        for q in 0..stride {
            let (sum, difference) = (add(a[q], c[q]), subtract(a[q], c[q]));
            let (odd, turned) = (add(b[q], d[q]), subtract(b[q], d[q]));
            // i (b - d)
            let turned = [-turned[1], turned[0]];
            y0[q] = add(sum, odd);
            y1[q] = multiply(*w1, subtract(difference, turned));
            y2[q] = multiply(*w2, subtract(sum, odd));
            y3[q] = multiply(*w3, add(difference, turned));
        }
    }
}

#[inline(always)]
fn add(a: Complex, b: Complex) -> Complex {
    [a[0] + b[0], a[1] + b[1]]
}

#[inline(always)]
fn subtract(a: Complex, b: Complex) -> Complex {
    [a[0] - b[0], a[1] - b[1]]
}

#[inline(always)]
fn multiply(a: Complex, b: Complex) -> Complex {
    [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
}
