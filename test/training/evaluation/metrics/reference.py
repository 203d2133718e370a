"""Writes reference.json: what numpy and scikit-learn give on the cases that the tests compare with.

    python3 reference.py > reference.json
"""

import json
import warnings

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

warnings.simplefilter("ignore")
rng = np.random.default_rng(7)


def plain(value):
    value = float(value)
    return None if np.isnan(value) else value


def binary(predicted, truth):
    if truth.size == 0:
        return None, None
    return plain(accuracy_score(truth, predicted)), plain(f1_score(truth, predicted, average="weighted"))


def score_case(name, predicted, truth):
    # MMSA's tensors hold float32, whose means are exact in numpy's float64: a constant has no deviation at all.
    p, t = (np.asarray(np.asarray(values, np.float32), float) for values in (predicted, truth))
    has0, non0 = binary(p >= 0, t >= 0), binary(p[t != 0] > 0, t[t != 0] > 0)
    level = lambda x, limit: np.round(np.clip(x, -limit, limit))
    return {
        "name": name,
        "predicted": p.tolist(),
        "truth": t.tolist(),
        "expected": {
            "Has0_acc_2": has0[0],
            "Has0_F1_score": has0[1],
            "Non0_acc_2": non0[0],
            "Non0_F1_score": non0[1],
            "Mult_acc_5": plain(np.mean(level(p, 2) == level(t, 2))),
            "Mult_acc_7": plain(np.mean(level(p, 3) == level(t, 3))),
            "MAE": plain(np.mean(np.abs(p - t))),
            "Corr": plain(np.corrcoef(p, t)[0][1]),
        },
    }


def class_case(name, predicted, truth):
    labels = sorted(set(truth) | set(predicted))
    each = precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    return {
        "name": name,
        "predicted": list(predicted),
        "truth": list(truth),
        "expected": {
            "accuracy": plain(accuracy_score(truth, predicted)),
            "weightedF1": plain(f1_score(truth, predicted, average="weighted")),
            "macroF1": plain(f1_score(truth, predicted, average="macro")),
            "classes": labels,
            "confusion": confusion_matrix(truth, predicted, labels=labels).tolist(),
            "perClass": {
                label: {
                    "precision": plain(each[0][i]),
                    "recall": plain(each[1][i]),
                    "f1": plain(each[2][i]),
                    "support": int(each[3][i]),
                }
                for i, label in enumerate(labels)
            },
        },
    }


def thirds(n):
    return np.round(rng.uniform(-3, 3, n) * 3) / 3


# Below and above the sizes that numpy sums in different ways.
CONSTANTS = [(3, 0.1), (9, 1 / 3), (20, 0.1), (130, -1.1), (300, 0.25)]

halves = np.arange(-4, 4.5, 0.5)
truth = thirds(60)
scores = [
    score_case("noisy scores", truth + rng.normal(0, 1.2, 60), truth),
    score_case("halves and beyond the range", halves, np.roll(halves, 1)),
    score_case("a constant prediction", np.full(20, 0.5), thirds(20)),
    score_case("zero predicted", np.zeros(20), thirds(20)),
    score_case("a constant truth", rng.normal(0, 1, 12), np.full(12, 1.0)),
    score_case("nothing but neutral truths", rng.normal(0, 1, 12), np.zeros(12)),
    score_case("a single item", [1.4], [2.0]),
    score_case("two items", [1.4, -1.0], [2.0, 0.0]),
    *[score_case(f"{n} constant predictions of {value}", np.full(n, value), thirds(n)) for n, value in CONSTANTS],
    *[score_case(f"{n} constant truths of {value}", thirds(n), np.full(n, value)) for n, value in CONSTANTS],
    score_case("both constant", np.full(16, 0.5), np.full(16, -1.0)),
    score_case("both constant, of many digits", np.full(20, 0.1), np.full(20, 0.7)),
    score_case("two equal items", [0.3, 0.3], [0.3, 0.3]),
    score_case("nothing but neutral predictions and truths", np.zeros(7), np.zeros(7)),
    score_case("one class on either side", np.full(9, 2.2), thirds(9) ** 2 + 0.1),
    score_case("a single neutral item", [0.2], [0.0]),
    score_case("a single item on the border", [0.0], [-0.2]),
    score_case("a rounding beside a half", [0.5, 1.5, 2.5, -0.5, 2.4999999, -2.5], [0.0, 2.0, 2.0, 0.0, 2.0, -3.0]),
    score_case("all right", truth, truth),
    score_case("all wrong", -truth, truth),
]
names = ["angry", "fear", "happy", "sad"]
classes = [
    class_case("noisy classes", rng.choice(names, 80).tolist(), rng.choice(names, 80).tolist()),
    class_case("one class predicted", ["sad"] * 15, rng.choice(names, 15).tolist()),
    class_case("one class in truth", rng.choice(names, 15).tolist(), ["sad"] * 15),
    class_case("one class in both", ["sad"] * 5, ["sad"] * 5),
    class_case("a class that is only predicted", ["sad", "fear", "sad"], ["sad", "sad", "sad"]),
    class_case("no class in common", ["sad", "sad"], ["fear", "happy"]),
    class_case("a single item, right", ["sad"], ["sad"]),
    class_case("a single item, wrong", ["sad"], ["fear"]),
]
print(json.dumps({"scores": scores, "classes": classes}))
