//! Power spectrum of a real signal whose length is a power of two.
//!
//! Stockham's self-sorting transform, radix 4 with a last radix-2 stage where needed, over N/2 complex numbers made of pairs
//! of real ones. It exists because the bytes of a result may not depend on the processor: libraries choose their
//! kernels by processor, and take their twiddle factors from the platform's sine.

use core::f64::consts::TAU;

/// Twiddle factors for signals of length N.
#[derive(Clone, Debug)]
pub struct Fft {
    /// exp(-2 pi i k/N), k < N/2.
    real: Vec<[f64; 2]>,
}

/// Two complex arrays of N/2, as separate real and imaginary parts.
#[derive(Clone, Debug, Default)]
pub struct FftScratch {
    pub re: Vec<f64>,
    pub im: Vec<f64>,
    to_re: Vec<f64>,
    to_im: Vec<f64>,
}

impl Fft {
    /// For signals of length `n`, a power of two, at least 4.
    pub fn new(n: usize) -> Fft {
        assert!(n >= 4 && n.is_power_of_two(), "transform length {n} is no power of two of at least 4");
        let twiddle = |k: usize| {
            let (sin, cos) = libm::sincos(TAU * k as f64 / n as f64);
            [cos, -sin]
        };
        Fft { real: (0..n / 2).map(twiddle).collect() }
    }

    pub fn scratch(&self) -> FftScratch {
        let zeros = vec![0.0; self.real.len()];
        FftScratch { re: zeros.clone(), im: zeros.clone(), to_re: zeros.clone(), to_im: zeros }
    }

    /// Adds |X_k|^2 for k = 0..=N/2 to `power`. The signal is in `scratch`: even samples in `re`, odd ones in `im`.
    pub fn add_power(&self, scratch: &mut FftScratch, power: &mut [f64]) {
        self.transform(scratch);
        let (re, im) = (&scratch.re, &scratch.im);
        let half = self.real.len();
        power[0] += (re[0] + im[0]) * (re[0] + im[0]);
        power[half] += (re[0] - im[0]) * (re[0] - im[0]);
        // X_k = (Z_k + Z*_{M-k})/2 - i exp(-2 pi i k/N) (Z_k - Z*_{M-k})/2, M = N/2
        for k in 1..half {
            let [cos, sin] = self.real[k];
            let (even_re, even_im) = (0.5 * (re[k] + re[half - k]), 0.5 * (im[k] - im[half - k]));
            let (odd_re, odd_im) = (0.5 * (im[k] + im[half - k]), 0.5 * (re[half - k] - re[k]));
            let x_re = even_re + cos * odd_re - sin * odd_im;
            let x_im = even_im + cos * odd_im + sin * odd_re;
            power[k] += x_re * x_re + x_im * x_im;
        }
    }

    /// Complex transform of length N/2 of (`re`, `im`), in place.
    fn transform(&self, scratch: &mut FftScratch) {
        let FftScratch { re, im, to_re, to_im } = scratch;
        let (mut n, mut stride) = (re.len(), 1);
        while n > 1 {
            if n == 2 {
                radix2([re, im], [to_re, to_im]);
                n = 1;
            } else {
                self.radix4(n, stride, [re, im], [to_re, to_im]);
                n /= 4;
                stride *= 4;
            }
            core::mem::swap(re, to_re);
            core::mem::swap(im, to_im);
        }
    }

    /// One stage over sub-transforms of length `n`, `stride` of them side by side.
    fn radix4(&self, n: usize, stride: usize, from: [&[f64]; 2], to: [&mut Vec<f64>; 2]) {
        let quarter = n / 4;
        let [to_re, to_im] = to;
        let blocks = to_re.chunks_exact_mut(4 * stride).zip(to_im.chunks_exact_mut(4 * stride));
        for (p, (to_re, to_im)) in blocks.enumerate() {
            let [[w1r, w1i], [w2r, w2i], [w3r, w3i]] = [1, 2, 3].map(|k| self.twiddle(k * p * stride));
            let quarter = |part: usize, j: usize| &from[part][stride * (p + j * quarter)..][..stride];
            let [ar, br, cr, dr] = [0, 1, 2, 3].map(|j| quarter(0, j));
            let [ai, bi, ci, di] = [0, 1, 2, 3].map(|j| quarter(1, j));
            let [y0r, y1r, y2r, y3r] = quarters(to_re, stride);
            let [y0i, y1i, y2i, y3i] = quarters(to_im, stride);
            for q in 0..stride {
                let (sum_r, sum_i) = (ar[q] + cr[q], ai[q] + ci[q]);
                let (dif_r, dif_i) = (ar[q] - cr[q], ai[q] - ci[q]);
                let (odd_r, odd_i) = (br[q] + dr[q], bi[q] + di[q]);
                // i (b - d)
                let (rot_r, rot_i) = (di[q] - bi[q], br[q] - dr[q]);
                (y0r[q], y0i[q]) = (sum_r + odd_r, sum_i + odd_i);
                let (r, i) = (dif_r - rot_r, dif_i - rot_i);
                (y1r[q], y1i[q]) = (w1r * r - w1i * i, w1r * i + w1i * r);
                let (r, i) = (sum_r - odd_r, sum_i - odd_i);
                (y2r[q], y2i[q]) = (w2r * r - w2i * i, w2r * i + w2i * r);
                let (r, i) = (dif_r + rot_r, dif_i + rot_i);
                (y3r[q], y3i[q]) = (w3r * r - w3i * i, w3r * i + w3i * r);
            }
        }
    }

    /// exp(-2 pi i k/(N/2)), k < N/2.
    fn twiddle(&self, k: usize) -> [f64; 2] {
        let half = self.real.len();
        if 2 * k < half { self.real[2 * k] } else { self.real[2 * k - half].map(|x| -x) }
    }
}

fn radix2(from: [&[f64]; 2], to: [&mut Vec<f64>; 2]) {
    for (from, to) in from.into_iter().zip(to) {
        let half = from.len() / 2;
        for q in 0..half {
            to[q] = from[q] + from[q + half];
            to[q + half] = from[q] - from[q + half];
        }
    }
}

fn quarters(block: &mut [f64], stride: usize) -> [&mut [f64]; 4] {
    let (low, high) = block.split_at_mut(2 * stride);
    let (y0, y1) = low.split_at_mut(stride);
    let (y2, y3) = high.split_at_mut(stride);
    [y0, y1, y2, y3]
}
