import pytest

from digest.publishing.latex import to_text


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"Poincar\'e", "Poincaré"),
        (r"Mu\~noz", "Muñoz"),
        (r"Na\"{\i}ve", "Naïve"),
        (r"To\v{s}i\'{c}", "Tošić"),
        (r"Stra{\ss}e", "Straße"),
        (r"95.65\% \& more", "95.65% & more"),
        (r"\textbf{FuseSearch} and \emph{\textit{both}}", "FuseSearch and both"),
        (r"see \href{https://a.b/c}{the code}", "see the code"),
        (r"R\textsuperscript{2}", "R²"),
        ("``quoted'' Plateau--Holleville", "“quoted” Plateau–Holleville"),
        (r"about ~30% of~all~\cite{x}", "about ~30% of all"),
        (r"{\mu} > 0.88, {\bf 1)} first", "μ > 0.88, 1) first"),
        (r"our code\footnote{At \url{a.b}.} is 43\,dB better", "our code (At a.b.) is 43 dB better"),
        ("{GAN}s for {B}ayes", "GANs for Bayes"),
    ],
)
def test_text_commands_become_text(source, shown):
    assert to_text(source) == shown


def test_an_unknown_command_stays_as_it_was_written():
    assert to_text(r"We present \model{}, a framework") == r"We present \model, a framework"


def test_text_without_latex_is_untouched():
    assert to_text("C++ <b>bold</b> 50 % 中文") == "C++ <b>bold</b> 50 % 中文"
