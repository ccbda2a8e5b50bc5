//! Elementary functions as plain arithmetic, one set of coefficients per precision.
//!
//! Multiply-adds of f64 are fused: rounded once, so equal on every machine; a processor without the instruction (x86-64 before
//! 2013) calls a function instead and is several times slower.

/// exp(x) for -100 <= x <= 0, to two roundings: 2^n times the Taylor polynomial of the rest, |rest| <= ln(2)/2.
#[inline(always)]
pub fn exp_f64(x: f64) -> f64 {
    // 1.5 2^52: adding it rounds to an integer, which then sits in the lowest bits.
    const ROUNDER: f64 = 6_755_399_441_055_744.0;
    let shifted = x.mul_add(core::f64::consts::LOG2_E, ROUNDER);
    let n = shifted - ROUNDER;
    let r = n.mul_add(-1.908_214_929_270_587_7e-10, n.mul_add(-6.931_471_803_691_238e-1, x));
    let r2 = r * r;
    let r4 = r2 * r2;
    let p0 = r2.mul_add(r.mul_add(1.0 / 6.0, 1.0 / 2.0), 1.0 + r);
    let p4 = r2.mul_add(r.mul_add(1.0 / 5040.0, 1.0 / 720.0), r.mul_add(1.0 / 120.0, 1.0 / 24.0));
    let p8 = r2.mul_add(r.mul_add(1.0 / 39_916_800.0, 1.0 / 3_628_800.0), r.mul_add(1.0 / 362_880.0, 1.0 / 40_320.0));
    let p = r4.mul_add(r4.mul_add(r4.mul_add(1.0 / 479_001_600.0, p8), p4), p0);
    p * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

/// exp(x) for -80 <= x <= 0, to two roundings.
#[inline(always)]
pub fn exp_f32(x: f32) -> f32 {
    // 1.5 2^23.
    const ROUNDER: f32 = 12_582_912.0;
    let shifted = x * core::f32::consts::LOG2_E + ROUNDER;
    let n = shifted - ROUNDER;
    let r = (x - n * 0.693_359_4) + n * 2.121_944_4e-4;
    let r2 = r * r;
    let low = 1.0 + r + r2 * (1.0 / 2.0 + r * (1.0 / 6.0));
    let p = low + r2 * r2 * (1.0 / 24.0 + r * (1.0 / 120.0) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0)));
    p * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// Mills' ratio Phi(-t)/phi(t) for 0 <= t <= 12; beyond 9 with an error that phi(t) hides.
#[inline(always)]
pub fn mills_f64(t: f64) -> f64 {
    let u = 1.0 / 0.25_f64.mul_add(t, 1.0);
    let u2 = u * u;
    let u4 = u2 * u2;
    let four = |c: [f64; 4]| u2.mul_add(u.mul_add(c[3], c[2]), u.mul_add(c[1], c[0]));
    let p0 =
        four([0.249_999_103_996_923_38, 0.250_026_415_118_452, 0.234_015_699_439_632_52, 0.206_112_129_975_854_37]);
    let p4 =
        four([0.142_240_482_365_800_25, 0.177_563_669_771_891_56, -0.150_212_606_454_996_62, 0.488_231_420_513_957_3]);
    let p8 =
        four([-0.788_011_247_158_906_8, 0.897_659_008_611_045_4, -0.673_752_026_633_470_6, 0.116_368_262_268_708_79]);
    let p12 =
        four([0.318_099_764_775_619_1, -0.347_612_967_639_833_6, 0.172_071_228_453_164_75, -0.044_316_761_800_262_505]);
    let p12 = u4.mul_add(0.004_832_561_711_922_359, p12);
    let p = (u4 * u4).mul_add(u4.mul_add(p12, p8), u4.mul_add(p4, p0));
    p * u
}

/// Mills' ratio Phi(-t)/phi(t) for 0 <= t <= 12.
#[inline(always)]
pub fn mills_f32(t: f32) -> f32 {
    let u = 1.0 / (1.0 + 0.3 * t);
    let mut p = 0.092_891_8;
    p = p * u - 0.408_427_85;
    p = p * u + 0.541_934_15;
    p = p * u - 0.157_241_03;
    p = p * u + 0.334_260_6;
    p = p * u + 0.246_794_31;
    p = p * u + 0.303_274_94;
    p = p * u + 0.299_827_25;
    p * u
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_follow_libm() {
        for i in 0..=72_000 {
            let x = f64::from(i) * -1e-3;
            let exact = libm::exp(x);
            assert!((exp_f64(x) - exact).abs() <= 4.0 * f64::EPSILON * exact, "f64 at {x}");
            let exact = libm::exp(f64::from(x as f32));
            assert!(
                (f64::from(exp_f32(x as f32)) - exact).abs() <= 2.0 * f64::from(f32::EPSILON) * exact,
                "f32 at {x}"
            );
        }
    }
}
