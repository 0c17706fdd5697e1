//! Small pieces of vector arithmetic.

use pulp::Simd;

/// a · b.
#[inline(always)]
pub(super) fn dot<S: Simd>(simd: S, a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = S::as_simd_f32s(a);
    let (b, b_rest) = S::as_simd_f32s(b);
    let mut sums = [simd.splat_f32s(0.0); 4];
    let (a4, a1) = a.as_chunks::<4>();
    let (b4, b1) = b.as_chunks::<4>();
    for (a, b) in a4.iter().zip(b4) {
        for lane in 0..4 {
            sums[lane] = simd.mul_add_e_f32s(a[lane], b[lane], sums[lane]);
        }
    }
    for (a, b) in a1.iter().zip(b1) {
        sums[0] = simd.mul_add_e_f32s(*a, *b, sums[0]);
    }
    let sum = simd.add_f32s(
        simd.add_f32s(sums[0], sums[1]),
        simd.add_f32s(sums[2], sums[3]),
    );
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    simd.reduce_sum_f32s(sum) + rest
}

/// out ← scale · out.
#[inline(always)]
pub(super) fn scale<S: Simd>(simd: S, out: &mut [f32], scale: f32) {
    let (body, rest) = S::as_mut_simd_f32s(out);
    let factor = simd.splat_f32s(scale);
    for out in body {
        *out = simd.mul_f32s(*out, factor);
    }
    for out in rest {
        *out *= scale;
    }
}

/// out ← out + scale · x.
#[inline(always)]
pub(super) fn add_scaled<S: Simd>(simd: S, out: &mut [f32], x: &[f32], scale: f32) {
    let (out, out_rest) = S::as_mut_simd_f32s(out);
    let (x, x_rest) = S::as_simd_f32s(x);
    let factor = simd.splat_f32s(scale);
    for (out, x) in out.iter_mut().zip(x) {
        *out = simd.mul_add_e_f32s(*x, factor, *out);
    }
    for (out, x) in out_rest.iter_mut().zip(x_rest) {
        *out += scale * x;
    }
}

/// The largest number.
#[inline(always)]
pub(super) fn largest<S: Simd>(simd: S, x: &[f32]) -> f32 {
    let (x, rest) = S::as_simd_f32s(x);
    let mut most = simd.splat_f32s(f32::NEG_INFINITY);
    for x in x {
        most = simd.max_f32s(most, *x);
    }
    let most = simd.reduce_max_f32s(most);
    rest.iter().fold(most, |most, x| most.max(*x))
}

/// eˣ to a few units in the last place: 2ⁿ times a polynomial on ±ln 2 / 2 (Cephes).
#[inline(always)]
pub(super) fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    // Adding 1.5 · 2²³ leaves the nearest whole number in the low bits.
    const MAGIC: f32 = 12_582_912.0;
    let x = simd.max_f32s(x, simd.splat_f32s(-87.3));
    let x = simd.min_f32s(x, simd.splat_f32s(88.3));
    let magic = simd.splat_f32s(MAGIC);
    let shifted = simd.mul_add_e_f32s(x, simd.splat_f32s(std::f32::consts::LOG2_E), magic);
    let whole = simd.sub_f32s(shifted, magic);
    // ln 2 in two parts, so that the rest is exact.
    let rest = simd.mul_add_e_f32s(whole, simd.splat_f32s(-0.693_359_4), x);
    let rest = simd.mul_add_e_f32s(whole, simd.splat_f32s(2.121_944_4e-4), rest);
    let mut sum = simd.splat_f32s(1.987_569_1e-4);
    for coefficient in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
        1.0,
        1.0,
    ] {
        sum = simd.mul_add_e_f32s(sum, rest, simd.splat_f32s(coefficient));
    }
    let bits = simd.transmute_u32s_f32s(shifted);
    let power = simd.wrapping_dyn_shl_u32s(bits, simd.splat_u32s(23));
    let power = simd.add_u32s(power, simd.splat_u32s(127 << 23));
    simd.mul_f32s(sum, simd.transmute_f32s_u32s(power))
}

/// x ← e^(x − less), and the sum of all.
#[inline(always)]
pub(super) fn exp_sum<S: Simd>(simd: S, x: &mut [f32], less: f32) -> f32 {
    let (body, rest) = S::as_mut_simd_f32s(x);
    let less_all = simd.splat_f32s(less);
    let mut sum = simd.splat_f32s(0.0);
    for x in body {
        *x = exp(simd, simd.sub_f32s(*x, less_all));
        sum = simd.add_f32s(sum, *x);
    }
    let mut sum = simd.reduce_sum_f32s(sum);
    for x in rest {
        *x = (*x - less).exp();
        sum += *x;
    }
    sum
}

/// out ← x · sigmoid(x) · y.
#[inline(always)]
pub(super) fn gated<S: Simd>(simd: S, out: &mut [f32], x: &[f32], y: &[f32]) {
    let (out, out_rest) = S::as_mut_simd_f32s(out);
    let (x, x_rest) = S::as_simd_f32s(x);
    let (y, y_rest) = S::as_simd_f32s(y);
    let one = simd.splat_f32s(1.0);
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        let away = simd.add_f32s(exp(simd, simd.neg_f32s(*x)), one);
        *out = simd.mul_f32s(simd.div_f32s(*x, away), *y);
    }
    for ((out, x), y) in out_rest.iter_mut().zip(x_rest).zip(y_rest) {
        *out = x / (1.0 + (-x).exp()) * y;
    }
}

#[cfg(test)]
mod tests {
    use pulp::{Arch, WithSimd};

    use super::*;

    struct Exp<'a>(&'a mut [f32]);

    impl WithSimd for Exp<'_> {
        type Output = f32;

        fn with_simd<S: Simd>(self, simd: S) -> f32 {
            exp_sum(simd, self.0, 0.5)
        }
    }

    #[test]
    fn exponentials_are_exact_enough() {
        let xs: Vec<f32> = (-860..=880).map(|i| i as f32 / 10.0).collect();
        let mut ys = xs.clone();
        Arch::new().dispatch(Exp(&mut ys));
        for (x, y) in xs.iter().zip(&ys) {
            let wanted = f64::from(x - 0.5).exp();
            let off = (f64::from(*y) - wanted).abs() / wanted;
            assert!(off < 5e-7, "exp({x}): {off}");
        }
        // Hidden keys have no share.
        let mut hidden = vec![f32::NEG_INFINITY; 20];
        Arch::new().dispatch(Exp(&mut hidden));
        assert!(hidden.iter().all(|x| *x < 2e-38));
    }

    struct Dot<'a>(&'a [f32], &'a [f32]);

    impl WithSimd for Dot<'_> {
        type Output = f32;

        fn with_simd<S: Simd>(self, simd: S) -> f32 {
            dot(simd, self.0, self.1)
        }
    }

    #[test]
    fn products_of_every_length_are_whole() {
        for length in 0..200 {
            let a: Vec<f32> = (0..length).map(|i| (i % 7) as f32).collect();
            let b: Vec<f32> = (0..length).map(|i| (i % 5) as f32).collect();
            let wanted: f32 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            assert_eq!(Arch::new().dispatch(Dot(&a, &b)), wanted);
        }
    }
}
