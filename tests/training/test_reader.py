"""The reader's training: true answers, exact tokens, independent questions in one sequence, a usable export."""

import pickle
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM, PreTrainedTokenizerFast

from lens_desktop.domain.answer import Turn
from lens_desktop.domain.evidence import Evidence, Module, Tag, TextLine
from lens_desktop.domain.prompt import Mode, build_prompt
from training.reader import prompts, tokenizer
from training.reader.evaluate import accuracy
from training.reader.evidence import recognised, shown_facts, simulate
from training.reader.export import export
from training.reader.facts import told
from training.reader.model import END, PAD, answer_logits, answer_loss, new_model
from training.reader.packing import IGNORED, collate, pack_conversation, pack_questions
from training.reader.questions import QA, UNKNOWN, Shown, answer_from, conversation, questions
from training.reader.real import completed, real_pack
from training.reader.wiring import wire
from training.world import lexicon
from training.world.scene import Scene, Thing, Writing

SCENE = Scene(
    things=(
        Thing("dog", ((0.05, 0.4, 0.2, 0.2),), size="small"),
        Thing("circle", ((0.66, 0.2, 0.15, 0.6), (0.83, 0.2, 0.15, 0.6)), colour="red", size="big"),
    ),
    writing=(Writing("Zorb 7", "blue", (0.3, 0.02, 0.4, 0.1)),),
    background="green",
    pattern="striped",
)
FULL = Evidence(
    image_id="",
    tags=(Tag("dog", 0.3), Tag("circle", 0.3)),
    attributes=(Tag("dog which is an animal", 0.3),),
    captions=(
        "a dog on the left , two red circles on the right",
        "a small dog and two big red circles , the biggest is the circle",
        "a dog and two red circles with blue text at the top",
        "a dog and two red circles on a striped green background",
    ),
    ocr=(TextLine("Zorb 7", 0.9, (0, 0, 9, 9)),),
    finished=tuple(Module),
)


def asked(scene: Scene, form: str, seeds: int = 30) -> Iterator[QA]:
    for seed in range(seeds):
        yield from (qa for qa in questions(scene, random.Random(seed)) if qa.form == form)


@pytest.fixture(scope="module")
def words() -> PreTrainedTokenizerFast:
    from training.reader.train import tokenizer_texts

    return tokenizer.build(list(tokenizer_texts(300)))


@pytest.fixture
def small(words: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = new_model(len(words), width=48, layers=2, heads=4, inner=48)
    wire(model)
    return model.eval()


@pytest.mark.parametrize(
    ("form", "answers"),
    [
        ("things", {"a dog and two red circles"}),
        ("describe", {"a dog and two red circles on a striped green background"}),
        ("count", {"one", "two", "none"}),
        ("colour", {"red", lexicon.entry("dog").colour or UNKNOWN}),
        ("where", {"on the left", "on the right"}),
        ("relation", {"a dog", "two red circles", "nothing"}),
        ("biggest", {"the circle", "the dog"}),
        ("background", {"green", "striped green"}),
        ("pattern", {"striped"}),
        ("text", {"Zorb 7", "Zorb 7, blue", "Zorb", "7"}),
        ("text colour", {"blue"}),
        ("text place", {"at the top"}),
        ("total", {"three"}),
        ("kinds", {"two"}),
        ("shape", {"circle"}),
        ("size", {"small", "big"}),
        ("unanswerable", {UNKNOWN}),
        ("side", {"left", "right", "nothing"}),
    ],
)
def test_answers_of_each_form_are_those_of_the_scene(form: str, answers: set[str]) -> None:
    found = {qa.answer for qa in asked(SCENE, form)}
    assert found
    assert found <= answers


def test_questions_about_one_thing_get_that_things_answer() -> None:
    for qa in (*asked(SCENE, "where"), *asked(SCENE, "count")):
        if any(word in qa.question.lower() for word in ("dog", "pup")):
            assert qa.answer in ("on the left", "one")
        elif "circle" in qa.question.lower():
            assert qa.answer in ("on the right", "two")


def test_checks_say_yes_and_no_in_like_number() -> None:
    answers = [qa.answer for qa in (*asked(SCENE, "check", 100), *asked(SCENE, "exists", 100))]
    assert set(answers) == {"yes", "no"}
    assert 0.3 < answers.count("yes") / len(answers) < 0.7


def test_evidence_that_is_silent_gives_the_evidence_does_not_say() -> None:
    silent = Evidence("", captions=("a dog and two red circles without text",), finished=tuple(Module))
    shown = Shown(shown_facts(silent, Mode.GENERAL))
    answered = [answer_from(qa, shown) for form in ("where", "pattern", "biggest") for qa in asked(SCENE, form)]
    assert {qa.answer for qa in answered if qa} == {UNKNOWN}
    assert {qa.answer for qa in (answer_from(qa, shown) for qa in asked(SCENE, "count")) if qa} == {
        "one",
        "two",
        "none",
    }


def test_full_evidence_gives_the_true_answers_and_misleading_evidence_none() -> None:
    shown = Shown(shown_facts(FULL, Mode.GENERAL))
    for qa in (*asked(SCENE, "things", 5), *asked(SCENE, "where", 5), *asked(SCENE, "text", 5)):
        answered = answer_from(qa, shown)
        assert answered is not None
        assert answered.answer == qa.answer
    wrong = Shown(shown_facts(Evidence("", captions=("a dog on the right",), finished=tuple(Module)), Mode.GENERAL))
    where = next(qa for qa in asked(SCENE, "where") if "dog" in qa.question.lower())
    assert answer_from(where, wrong) is None


def test_a_number_that_is_told_wrong_is_not_learned_as_no_number() -> None:
    def things(*captions: str) -> set[str]:
        told_by = Evidence("", tags=FULL.tags, captions=captions, finished=tuple(Module))
        shown = Shown(shown_facts(told_by, Mode.GENERAL))
        return {qa.answer for qa in (answer_from(qa, shown) for qa in asked(SCENE, "things", 5)) if qa}

    assert things("a dog and two red circles without text") == {"a dog and two red circles"}
    assert things("a dog and three red circles without text") == set()
    assert things() == {"a dog and a circle"}  # tags tell no numbers


def test_a_caption_tells_its_facts() -> None:
    facts = told("a big dog in the top left, three hot dogs middle , a red circle left of jeans with white text bottom")
    assert {
        ("size", "dog", "big"),
        ("place", "dog", "in the top left"),
        ("count", "hot dog", "3"),
        ("place", "hot dog", "in the middle"),
        ("colour", "circle", "red"),
        ("relation", "circle", "jeans", "left of"),
        ("relation", "jeans", "circle", "right of"),
        ("text colour", "white"),
    } <= facts
    assert not any(fact[:2] == ("place", "circle") for fact in facts)


def test_stray_marks_are_not_text() -> None:
    lines = tuple(TextLine(text, 0.5, (0, 0, 1, 1)) for text in ("| ~", 'STOP "now"', "."))
    assert recognised(Evidence("", ocr=lines)) == "STOP 'now'"


def test_simulated_evidence_is_the_same_for_the_same_seed_and_differs_between_seeds() -> None:
    made = [build_prompt(simulate(SCENE, random.Random(seed)), "?") for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]


def test_odd_text_survives_the_tokenizer(words: PreTrainedTokenizerFast) -> None:
    for text in (
        "  two  blanks\tand\n\n lines",
        "Grüße, 日本 🎈 №5",
        "say 'x'!",
        build_prompt(FULL, "Où est le chien?"),
    ):
        ids = words(text).input_ids
        assert words.decode(ids) == text.replace(' "', ' " ')


def test_the_world_is_one_token_a_word_and_marks_cannot_be_forged(words: PreTrainedTokenizerFast) -> None:
    assert len(words(" three trumpets on the left").input_ids) == 5
    assert len(words("\nShort Answer:").input_ids) == 1
    assert words("Short Answer:").input_ids[0] != words("\nShort Answer:").input_ids[0]
    first = words(' written "Zorblat"').input_ids
    assert words(" Zorblat").input_ids == first[2:-1]


def test_packed_questions_read_as_prompts_of_their_own(words: PreTrainedTokenizerFast, small: LlamaForCausalLM) -> None:
    chosen = [QA("What is there?", "a dog", "things"), QA("What does it say?", "Zorb 7", "text")]
    start = prompts.encode(words, [prompts.evidence_text(FULL, Mode.GENERAL)])[0]
    pairs = prompts.question_tokens(words, chosen)
    batch = collate([pack_questions(start, pairs, END), pack_questions(start[:9], pairs[:1], END)], PAD)
    with torch.inference_mode():
        logits, targets = answer_logits(small, batch)
        alone = []
        for qa in chosen:
            text = f"{build_prompt(FULL, qa.question)} {qa.answer}"
            answer = len(words(f" {qa.answer}").input_ids)
            alone.append(small(words(text, return_tensors="pt").input_ids).logits[0, -answer - 1 :])
    count = sum(len(part) for part in alone)
    torch.testing.assert_close(logits[:count], torch.cat(alone), atol=1e-4, rtol=1e-4)
    assert targets[:count].tolist() == [*pairs[0][1], END, *pairs[1][1], END]


def test_a_packed_conversation_is_the_prompt_with_turns(words: PreTrainedTokenizerFast) -> None:
    turns = conversation(SCENE, random.Random(3))[:2]
    start = prompts.encode(words, [prompts.evidence_text(FULL, Mode.GENERAL)])[0]
    pack = pack_conversation(start, prompts.question_tokens(words, turns), END)
    text = build_prompt(FULL, turns[1].question, Mode.GENERAL, [Turn(turns[0].question, turns[0].answer)])
    assert pack.ids.tolist() == words(f"{text} {turns[1].answer}").input_ids
    assert (pack.targets == END).sum() == 2


def test_a_few_steps_lower_the_loss(words: PreTrainedTokenizerFast, small: LlamaForCausalLM) -> None:
    rng = random.Random(0)
    batch = collate([prompts.make_pack(words, rng, 4, 2)[0] for _ in range(4)], PAD)
    optimiser = torch.optim.AdamW(small.parameters(), lr=3e-3)
    losses = []
    for _ in range(8):
        loss = answer_loss(small, batch)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_wired_weights_copy_random_tokens() -> None:
    torch.manual_seed(0)
    model = new_model().eval()
    wire(model)
    tokens = torch.randperm(2500)[None, :60] + 300
    with torch.inference_mode():
        logits = model(torch.cat([tokens, tokens], dim=1)).logits[0, 60:-1]
    assert (logits.argmax(-1) == tokens[0, 1:]).float().mean() > 0.4


def test_accuracy_is_what_greedy_decoding_gives(words: PreTrainedTokenizerFast, small: LlamaForCausalLM) -> None:
    prompt = words(build_prompt(FULL, "What is there?"), return_tensors="pt")
    with torch.inference_mode():
        made = small.generate(**prompt, max_new_tokens=3, do_sample=False)[0, prompt.input_ids.shape[1] :].tolist()
    start = prompts.encode(words, [prompts.evidence_text(FULL, Mode.GENERAL)])[0]
    question = prompts.question_tokens(words, [QA("What is there?", "x", "things")])[0][0]
    pack = pack_questions(start, [(question, made[:-1])], made[-1])
    off = pack_questions(start, [(question, made[:-1])], made[-1] + 1)
    tests = [(pack, [QA("", "x", "things")]), (off, [QA("", "x", "things")])]
    assert accuracy(small, tests)["things"] == (1, 2)
    assert (pack.targets != IGNORED).sum() == 3


def test_the_export_loads_with_plain_auto_classes_and_stops_at_the_end(
    tmp_path: Path, words: PreTrainedTokenizerFast, small: LlamaForCausalLM
) -> None:
    pack = pack_questions(words("Tags: dog\nQuestion:").input_ids, [(words(" x\nShort Answer:").input_ids, [])], END)
    optimiser = torch.optim.AdamW(small.parameters(), lr=1e-2)
    for _ in range(12):
        answer_loss(small, collate([pack], PAD)).backward()
        optimiser.step()
        optimiser.zero_grad()
    export(small, words, tmp_path)
    assert {file.name for file in tmp_path.iterdir()} >= {"config.json", "model.safetensors", "generation_config.json"}
    model = AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    prompt = loaded("Tags: dog\nQuestion: x\nShort Answer:", return_tensors="pt")
    made = model.generate(input_ids=prompt.input_ids, attention_mask=prompt.attention_mask, max_new_tokens=5)
    assert made[0, prompt.input_ids.shape[1] :].tolist() == [END]
    assert loaded.decode([END], skip_special_tokens=True) == ""
    assert loaded.model_max_length == model.config.max_position_embeddings


def test_real_evidence_is_completed_with_simulated_sections(tmp_path: Path, words: PreTrainedTokenizerFast) -> None:
    assert real_pack(words, tmp_path, random.Random(0)) is None
    seen = Evidence("", captions=("a dog and two red circles",), finished=(Module.CAPTIONS,))
    whole = completed(seen, simulate(SCENE, random.Random(5)))
    assert whole.captions == seen.captions
    assert whole.tags
    (tmp_path / "00000.pkl").write_bytes(pickle.dumps([(SCENE, seen)]))
    packs = [real_pack(words, tmp_path, random.Random(seed)) for seed in range(8)]  # not every mode shows captions
    assert any("a dog and two red circles\n" in words.decode(pack.ids) for pack in packs if pack)


def test_a_misnamed_thing_lends_its_place_and_number_to_the_one_it_must_be() -> None:
    said = Evidence("", captions=("a wolf on the left, two red circles on the right",), finished=tuple(Module))
    facts = shown_facts(said, Mode.GENERAL, SCENE)
    assert facts["place", "dog", "on the left"] == facts["count", "dog", "1"] == 1
    assert not facts["is", "dog"]
    assert not shown_facts(said, Mode.GENERAL)["place", "dog", "on the left"]
