"""The bound of a trained network: closed forms for Gaussian data, quadrature for the discrete decoder, bad input."""
from types import SimpleNamespace

import numpy as np
import pytest

from dpm_ref import bound, gaussian, schedule
from dpm_ref.check.model_bound import log_bin, model_bound
from dpm_ref.check.model_reverse import PREDICTS, model_reverse
from dpm_ref.gaussian import Gaussian
from dpm_ref.proofs import closed_form
from dpm_ref.schedule import at

BETAS = np.array([0.02, 0.1, 0.3, 0.05, 0.6])
S = schedule.from_beta(BETAS)
M2 = np.array([0.09, 2.0])                                   # second moments of the two coordinates
EIGHT_BITS = 2 * np.arange(256) / 255 - 1


class Signs:
    """In place of a generator: noise of -1 and 1, which is exact for what is quadratic in the noise."""

    def standard_normal(self, shape):
        return np.repeat([1.0, -1, 1, -1], shape[0] // 4)[:, None] + np.zeros(shape)

    def random(self, size):
        return np.full(size, 0.5)


DATA = np.array([[1.0], [1], [-1], [-1]]) * np.sqrt(M2)      # with Signs: every pair of signs of x_0 and noise


def best(predicts, m2=M2, s=S, steps_from=0):
    """The network that is right for data N(0, m2)."""
    def model(x, t):
        t = np.asarray(t) + 1 - steps_from
        a, n = np.sqrt(at(s.alpha_bar, t, x)), np.sqrt(at(s.one_minus_alpha_bar, t, x))
        total = a ** 2 * m2 + n ** 2
        return {"x0": a * m2 / total * x, "eps": n / total * x, "v": a * n * (1 - m2) / total * x, "score": -x / total,
                "mean": closed_form.gaussian_reverse(s, 0.0, m2)(x, t).mean}[predicts]
    return model


def with_variance(model, change=lambda a: a):
    """A network that also returns the right variance."""
    return lambda x, t: (model(x, t), change(closed_form.gaussian_reverse(S, 0.0, M2)(x, t + 1).var + 0 * x))


def closed_K(var, m2=M2, s=S):
    """The bound of Eq. 12 with that kernel and these variances (T + 1, D), in bits per dimension."""
    one = np.ones((s.T, len(m2)))
    slope = closed_form.gaussian_reverse(s, 0.0, m2)(one, np.arange(1, s.T + 1)).mean
    slope = np.concatenate([[0 * m2, np.sqrt(1 - s.beta[1]) + 0 * m2], slope[1:]])        # the last step is Eq. 44
    var = np.concatenate([[0 * m2, s.beta[1] + 0 * m2], var[2:]])
    return np.mean([closed_form.linear_K(slope[:, d], var[:, d], s, m2[d]) for d in range(len(m2))]) / np.log(2)


STEPS = np.arange(1, S.T + 1)
FIXED = {"posterior": gaussian.posterior_coefficients(STEPS, S, 1.0 * STEPS)[2], "beta": BETAS,
         "numbers": np.linspace(0.1, 0.4, S.T)}


@pytest.mark.parametrize("variance", FIXED)
@pytest.mark.parametrize("predicts", PREDICTS)
def test_K_of_the_best_network_of_gaussian_data_is_that_of_the_closed_form(predicts, variance):
    said = FIXED["numbers"] if variance == "numbers" else variance
    got = model_bound(best(predicts), DATA, BETAS, Signs(), predicts=predicts, variance=said, dtype="float64")
    assert np.isclose(got.K, closed_K(np.append(0, FIXED[variance])[:, None] + 0 * M2), rtol=1e-12)


@pytest.mark.parametrize("variance, change", [("learned", lambda a: a), ("learned log", np.log)])
def test_a_learned_variance_that_is_right_gives_the_best_K(variance, change):
    var = closed_form.gaussian_reverse(S, 0.0, M2)(np.ones((S.T, 2)), STEPS).var
    got = model_bound(with_variance(best("v"), change), DATA, BETAS, Signs(), predicts="v", variance=variance,
                      dtype="float64")
    assert np.isclose(got.K, closed_K(np.concatenate([[0 * M2], var])), rtol=1e-12)


def test_the_terms_add_up_and_are_those_of_the_bound():
    got = model_bound(best("eps"), DATA, BETAS, Signs(), dtype="float64")
    assert np.isclose(got.K, -got.kl.sum() + got.H_T - got.H_1 - got.H_p + got.edge, rtol=1e-12)
    terms = bound.constants(gaussian, DATA, S)
    assert np.allclose(got[3:7], [np.mean(a) / 2 / np.log(2) for a in terms], rtol=1e-12)
    assert np.isclose(got.L_null, np.mean(-0.5 * (np.log(2 * np.pi) + M2)) / np.log(2), rtol=1e-12)
    assert got.kl.shape == (S.T + 1,) and np.all(got.kl[2:] > 0) and np.all(got.kl[:2] == 0)
    assert np.isnan([got.discrete, got.L_0]).all() and np.isfinite(got.L_T)


def test_steps_from_1_and_any_batch_change_nothing():
    first = model_bound(best("x0"), DATA, BETAS, Signs(), predicts="x0", dtype="float64")
    second = model_bound(best("x0", steps_from=1), DATA, BETAS, Signs(), predicts="x0", steps_from=1, dtype="float64")
    assert second.K == first.K
    rng = np.random.default_rng
    assert np.isclose(model_bound(best("x0"), DATA, BETAS, rng(0), predicts="x0", batch=3).K,
                      model_bound(best("x0"), DATA, BETAS, rng(0), predicts="x0", batch=100).K, rtol=1e-12)


def test_a_few_random_steps_give_the_same_K_and_KL_within_their_errors(rng):
    s = schedule.from_beta(np.linspace(0.01, 0.2, 30))
    x0 = np.sqrt(M2) * rng.standard_normal((1000, 2))
    tilde = np.append(0, gaussian.posterior_coefficients(np.arange(1, 31), s, np.arange(1.0, 31))[2])
    full, few = (model_bound(best("eps", s=s), x0, s.beta[1:], rng, draws=draws, batch=10000) for draws in (None, 5))
    for got in (full, few):
        assert abs(got.K - closed_K(tilde[:, None] + 0 * M2, s=s)) < 4 * got.K_error
    assert abs(few.kl.sum() - full.kl.sum()) < 4 * np.hypot(few.K_error, full.K_error)
    assert few.K_error > full.K_error


def test_clipping_changes_nothing_where_x0_is_inside_and_something_where_not():
    plain, clipped = (model_bound(best("x0"), DATA, BETAS, Signs(), predicts="x0", clip=clip) for clip in (False, True))
    assert clipped.K < plain.K - 0.01
    small = DATA * 0.1
    inside = best("x0", M2 / 100)
    same = [model_bound(inside, small, BETAS, Signs(), predicts="x0", clip=clip).K for clip in (False, True)]
    assert same[0] == same[1]


def test_the_network_is_a_reverse_kernel_for_the_whole_package(rng):
    reverse = model_reverse(with_variance(best("eps")), S, variance="learned", dtype="float64")
    x, t = rng.standard_normal((5, 2)), np.array([2, 3, 4, 5, 5])
    for got, right in zip(reverse(x, t), closed_form.gaussian_reverse(S, 0.0, M2)(x, t)):
        assert np.allclose(got, right, rtol=1e-12)


# --- the discrete decoder --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("mean, std", [(0.0, 0.1), (0.3, 1e-3), (-1.1, 0.5), (0.9, 4.0)])
def test_a_bin_has_the_integral_of_the_density_over_it(mean, std):
    nodes, weights = np.polynomial.legendre.leggauss(60)
    log_p = log_bin(EIGHT_BITS, Gaussian(mean, std ** 2 + 0 * EIGHT_BITS))
    inside = np.arange(1, 255)[np.abs(EIGHT_BITS[1:-1] - mean) < 8 * std]
    x = EIGHT_BITS[inside, None] + nodes / 255
    density = np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * np.sqrt(2 * np.pi))
    assert np.allclose(np.exp(log_p[inside]), density @ weights / 255, rtol=1e-9)
    assert np.isclose(np.exp(log_p).sum(), 1, rtol=1e-12)


def test_bins_far_from_the_mean_have_finite_log_probabilities():
    mpmath = pytest.importorskip("mpmath")
    for mean, std, k in ((0.9, 0.01, 10), (-0.5, 0.02, 255), (0.0, 0.0286, 255), (0.0, 0.0276, 255), (0.7, 0.05, 0)):
        low = -mpmath.inf if k == 0 else (mpmath.mpf(2 * k - 1) / 255 - 1 - mpmath.mpf(mean)) / mpmath.mpf(std)
        high = mpmath.inf if k == 255 else (mpmath.mpf(2 * k + 1) / 255 - 1 - mpmath.mpf(mean)) / mpmath.mpf(std)
        low, high = (-high, -low) if low > 0 else (low, high)
        with mpmath.workdps(50):
            right = mpmath.log(mpmath.ncdf(high) - mpmath.ncdf(low))
        assert np.isclose(log_bin(EIGHT_BITS[k], Gaussian(mean, std ** 2)), float(right), rtol=1e-12, atol=2e-8), k


def test_the_discrete_bound_is_that_of_quadrature_and_bounds_the_likelihood(rng):
    """One pixel of 4 levels, T = 2: p(x_0) by integration over x_1 and x_2."""
    s, grid = schedule.from_beta([0.2, 0.5]), np.linspace(-8, 8, 2001)[:, None]
    x0 = np.full((6000, 1), 1 / 3)
    reverse = model_reverse(best("eps", np.array([0.3]), s), s, dtype="float64")
    got = model_bound(best("eps", np.array([0.3]), s), x0, s.beta[1:], rng, levels=4, dtype="float64")

    def normal(q, x=grid):
        return np.exp(-0.5 * (x - q.mean) ** 2 / q.var) / np.sqrt(2 * np.pi * q.var) * 0.008
    one, two = (np.full(len(grid), t) for t in (1, 2))
    last = np.exp(log_bin(x0[0], reverse(grid, one), 4))                                  # P(x_0|x_1)
    L_0 = np.sum(normal(gaussian.marginal(x0[0], 1, s)) * -np.log(last))
    KL = np.sum(normal(gaussian.marginal(x0[0], 2, s)) *
                gaussian.kl(gaussian.posterior(grid, x0[0], 2, s), reverse(grid, two)))
    L_T = gaussian.kl(gaussian.marginal(x0[0], 2, s), Gaussian(0, 1))[0]
    assert np.isclose(got.L_T, L_T / np.log(2), rtol=1e-12)
    assert abs(got.discrete - (L_0 + KL + L_T) / np.log(2)) < 4 * got.discrete_error
    step = Gaussian(reverse(grid, two).mean.T, reverse(grid, two).var[0])                 # (x_1, x_2)
    P = np.sum(last * (normal(step) @ normal(Gaussian(0, 1))))
    assert -np.log(P) < L_0 + KL + L_T < -np.log(P) + 0.5


# --- what the kit says ------------------------------------------------------------------------------------------------

RIGHT = best("eps")
BAD = {
    "what the model predicts at x (4, 2) and t 0..0 must have shape (4, 2); got (4,)":
        dict(model=lambda x, t: RIGHT(x, t)[:, 0], levels=None, betas=BETAS[:1], reverse=1),
    "what the model predicts at x (16, 2) and t 1..4 must be finite; got nan":
        dict(model=lambda x, t: np.where(x > 0, np.nan, x)),
    "what the model predicts at x (16, 2) and t 1..4 must have shape (16, 2); got (16, 4)":
        dict(model=lambda x, t: np.concatenate([x, x], axis=1)),
    "for this variance the model must return one array; got a tuple": dict(model=lambda x, t: (x, x)),
    "for this variance the model must return two arrays; got a ndarray": dict(model=RIGHT, variance="learned"),
    "the model raises IndexError at x (16, 2) and t 2..5: index 5 is out of bounds for axis 0 with size 5; "
    "steps_from is 1, and the model may count from 0":
        dict(model=lambda x, t: x * BETAS[t][:, None], steps_from=1),
    "the model's variance at x (16, 2) and t 1..4 must have shape (16, 2); got (16, 1)":
        dict(model=lambda x, t: (x, x[:, :1]), variance="learned"),
    "predicts must be one of 'x0', 'eps', 'v', 'score', 'mean'; got 'noise'": dict(predicts="noise"),
    "steps_from must be one of 0, 1; got 2": dict(steps_from=2),
    "variance must be one of 'posterior', 'beta', 'learned', 'learned log'; got 'small'": dict(variance="small"),
    "variance must have shape (5,); got (4,)": dict(variance=BETAS[1:]),
    "every beta_t must lie in (0, 1]; beta_1 = 0.0": dict(betas=np.append(0, BETAS)),
    "nothing of x_0 is left in x_T, so eps does not say what x_0 is": dict(betas=np.append(BETAS, 1.0)),
    "x0 must be an array of numbers; got a str": dict(x0="digits"),
    "data must be a non-empty array (N, D) or (N, ...); got shape (2,)": dict(x0=DATA[0]),
    "the discrete decoder needs data of 256 equally spaced values from -1 to 1, such as 2 * pixel / 255 - 1 for 256; "
    "got 1.414214": dict(levels=256),
    "such as 2 * pixel / 255 - 1 for 256; got 0.3": dict(levels=256, x0=np.full((4, 2), 0.3)),
    "size must be a whole number, at least 1; got 0": dict(draws=0),
    "batch must be a whole number, at least 1; got 0": dict(batch=0),
    "rng must be a numpy Generator": dict(rng=0),
    "x0 is of uint8: scale whole numbers, such as 2 * pixel / 255 - 1 with levels=256":
        dict(x0=np.array([[3, 200]], dtype=np.uint8)),
    "clip must be one of False, True; got 'yes'": dict(clip="yes"),
}


@pytest.mark.parametrize("say", BAD)
def test_bad_input_gets_one_clear_sentence(say):
    given = dict(model=RIGHT, x0=DATA, betas=BETAS, rng=np.random.default_rng(0), dtype="float64") | BAD[say]
    if given.pop("reverse", 0):
        given.pop("levels")
        with pytest.raises(ValueError) as error:
            model_reverse(given["model"], S)(DATA, np.ones(4, dtype=int))
    else:
        with pytest.raises(ValueError) as error:
            model_bound(**given)
    assert say in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("rates", [lambda betas: 1 - betas, lambda betas: np.cumprod(1 - betas)])
def test_rates_that_are_alphas_are_said_to_look_like_them(rates, recwarn):
    betas = np.linspace(1e-4, 0.02, 5)
    model_bound(lambda x, t: x, DATA, betas, np.random.default_rng(0))
    assert not recwarn
    model_bound(lambda x, t: x, DATA, rates(betas), np.random.default_rng(0))
    said = str(recwarn.pop().message)
    assert said.startswith("betas fall from 0.9999 to 0.9") and said.endswith("these look like alpha_bar or alphas")


def test_it_prints_its_numbers_and_draws_KL_over_t():
    got = model_bound(RIGHT, np.sign(DATA), BETAS, Signs(), levels=256)
    text = str(got)
    for name in ("K", "H_T", "H_1", "H_p", "edge", "L_T", "L_0"):
        assert f"{name} {getattr(got, name):.4f}" in text
    assert f"discrete decoder: {got.discrete:.4f}" in text

    class Axis:
        def plot(self, t, kl, **style):
            self.t, self.kl = t, kl

        def set(self, **labels):
            self.labels = labels
    ax = got.plot(Axis())
    assert list(ax.t) == [2, 3, 4, 5] and np.array_equal(ax.kl, got.kl[2:])


def test_a_network_may_return_an_object_with_a_sample_as_those_of_diffusers_do():
    wrapped = model_bound(lambda x, t: SimpleNamespace(sample=RIGHT(x, t)), DATA, BETAS, Signs())
    assert wrapped.K == model_bound(RIGHT, DATA, BETAS, Signs()).K


# --- other libraries, where they are installed ------------------------------------------------------------------------

def test_a_torch_module_and_a_jax_function_give_the_same_K(rng):
    a, n = np.sqrt(S.alpha_bar), np.sqrt(S.one_minus_alpha_bar)
    gain = (n / (a ** 2 * 0.5 + n ** 2))[1:].astype("float32")
    x0 = rng.standard_normal((50, 3))
    right = model_bound(lambda x, t: gain[t][:, None] * x, x0, BETAS, np.random.default_rng(1)).K
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.gain = torch.nn.Parameter(torch.as_tensor(gain))

        def forward(self, x, t):
            return self.gain[t][:, None] * x
    net = Net()
    with pytest.raises(ValueError, match="call model.eval"):
        model_bound(net, x0, BETAS, rng)
    net.eval()
    for model, array in ((net, None), (lambda x, t: net(x, t), torch.as_tensor)):
        got = model_bound(model, torch.as_tensor(x0), torch.as_tensor(BETAS), np.random.default_rng(1), array=array)
        assert np.isclose(got.K, right, rtol=1e-5)
    with pytest.raises(ValueError, match="for torch say array=torch.as_tensor"):
        model_bound(lambda x, t: torch.nn.functional.relu(x), x0, BETAS, rng)
    jnp = pytest.importorskip("jax.numpy")
    got = model_bound(lambda x, t: jnp.asarray(gain)[t][:, None] * x, jnp.asarray(x0), BETAS, np.random.default_rng(1))
    assert np.isclose(got.K, right, rtol=1e-5)


class SameNoise:
    """In place of a generator: of the noise (T, N, ...) for t = 1..T, that of t = 2..T of each point, then of t = 1."""

    def __init__(self, noise):
        self.arrays = iter([noise[1:].swapaxes(0, 1).reshape(-1, *noise.shape[2:]), noise[0]])

    def standard_normal(self, shape):
        return next(self.arrays)

    def random(self, size):
        return np.full(size, 0.5)


@pytest.mark.parametrize("predicts, theirs", [("eps", "EPSILON"), ("x0", "START_X"), ("mean", "PREVIOUS_X")])
@pytest.mark.parametrize("variance, kind", [("posterior", "FIXED_SMALL"), ("beta", "FIXED_LARGE"),
                                            ("learned log", "LEARNED")])
@pytest.mark.parametrize("library, clip", [("guided_diffusion", False), ("guided_diffusion", True),
                                           ("improved_diffusion", False)])
def test_the_discrete_bound_is_that_of_openai_for_the_same_noise(library, clip, variance, kind, predicts, theirs,
                                                                 monkeypatch):
    """Their decoder approximates Φ, so that L_0 agrees less well than KL_t."""
    torch = pytest.importorskip("torch")
    pytest.importorskip(library)
    from importlib import import_module
    diffusion = import_module(f"{library}.gaussian_diffusion")
    rng, beta, learned = np.random.default_rng(0), np.linspace(1e-3, 0.2, 20), kind == "LEARNED"
    x0, noise = EIGHT_BITS[rng.integers(90, 160, (8, 1, 4, 4))], rng.standard_normal((20, 8, 1, 4, 4))

    def net(x, t):
        out = torch.tanh(x * (1 + t.reshape(-1, 1, 1, 1) / 20))
        return (out, out * 0.2 - 3) if learned else out
    d = diffusion.GaussianDiffusion(
        betas=beta, model_mean_type=diffusion.ModelMeanType[theirs], model_var_type=diffusion.ModelVarType[kind],
        loss_type=diffusion.LossType.MSE)
    left = iter(torch.as_tensor(noise[::-1].astype("float32").copy()))
    monkeypatch.setattr(torch, "randn_like", lambda x: next(left))
    right = d.calc_bpd_loop((lambda x, t: torch.cat(net(x, t), 1)) if learned else net, torch.as_tensor(x0).float(),
                            clip_denoised=clip)
    got = model_bound(net, x0, beta, SameNoise(noise), predicts=predicts, variance=variance, levels=256, batch=1000,
                      clip=clip, array=torch.as_tensor)
    vb = right["vb"].mean(0).numpy()[::-1]
    assert np.allclose(got.kl[2:], vb[1:], rtol=2e-5)
    assert np.isclose(got.L_T, right["prior_bpd"].mean(), rtol=1e-5)
    assert abs(got.L_0 - vb[0]) < 1e-3 and abs(got.discrete - right["total_bpd"].mean()) < 1e-3


def unet_of_diffusers():
    diffusers = pytest.importorskip("diffusers")
    unet = diffusers.UNet2DModel(
        sample_size=8, in_channels=1, out_channels=1, block_out_channels=(8,), norm_num_groups=4, layers_per_block=1,
        down_block_types=("DownBlock2D",), up_block_types=("UpBlock2D",))
    return unet, diffusers.DDPMScheduler(20).betas, "eps"


def unet_of_lucidrains():
    library = pytest.importorskip("denoising_diffusion_pytorch")
    diffusion = library.GaussianDiffusion(library.Unet(dim=8, dim_mults=(1,), channels=1), image_size=8, timesteps=20)
    return diffusion.model, diffusion.betas, "v"


@pytest.mark.parametrize("made", [unet_of_diffusers, unet_of_lucidrains])
def test_the_networks_of_other_libraries_are_taken_as_they_are(made, rng):
    model, betas, predicts = made()
    x0 = EIGHT_BITS[rng.integers(0, 256, (3, 1, 8, 8))]
    got = model_bound(model.eval(), x0, betas, rng, predicts=predicts, levels=256, draws=4)
    assert np.isfinite(got.K) and got.discrete > 8               # pixels without a pattern: 8 bits at best
