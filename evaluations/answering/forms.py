"""The form of an evaluation: one field per topic, in the topics' own order."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from evaluations.answering import values
from evaluations.answering.models import Answer, Participation
from evaluations.series.models import Topic
from pact_portal.foundation.forms.guarded import GuardedForm

STEPS = (_("1 – helemaal niet"), _("2"), _("3"), _("4"), _("5 – helemaal wel"))
"""The words of the scale, from low to high; questions and statements both read well with them."""


class TopicField(forms.Field):
    """Takes what the topic's kind takes; see `values.read`. What was typed stays as it was typed."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        super().__init__(
            required=topic.kind == Topic.Kind.SCALE,
            label=topic.text,
            widget=self._widget(),
            help_text=_("Vul een getal in, bijvoorbeeld 12 of 12,5.") if topic.kind == Topic.Kind.NUMBER else "",
        )

    def _widget(self) -> forms.Widget:
        match self.topic.kind:
            case Topic.Kind.SCALE:
                steps = [(str(step), words) for step, words in enumerate(STEPS, 1)]
                return forms.RadioSelect(choices=[*steps, (values.NO_VIEW, _("geen zicht op"))])
            case Topic.Kind.CHOICE:
                options = [(option, option) for option in self.topic.options]
                return forms.RadioSelect(choices=[*options, ("", _("geen antwoord"))])
            case Topic.Kind.NUMBER:
                return forms.TextInput({"class": "input-short", "inputmode": "decimal", "autocomplete": "off"})
        return forms.Textarea({"rows": 5})

    def clean(self, value: Any) -> Any:
        return values.checked(self.topic, value)


class AnswerForm(GuardedForm, forms.Form):
    """What one partner says in one evaluation. `partnership` tells for whom, when somebody acts for several."""

    partnership = forms.Field(widget=forms.HiddenInput, required=False)

    def __init__(self, participation: Participation, topics: Iterable[Topic], data: QueryDict | None = None) -> None:
        self.topics = list(topics)
        said: Mapping[int, Answer] = {answer.topic_id: answer for answer in participation.answers.all()}
        initial: dict[str, Any] = {
            f"topic_{topic.pk}": values.shown(topic, said[topic.pk]) for topic in self.topics if topic.pk in said
        }
        initial["partnership"] = participation.partnership_id
        super().__init__(data, initial=initial)
        for topic in self.topics:
            self.fields[f"topic_{topic.pk}"] = TopicField(topic)

    def values(self) -> dict[int, Any]:
        """What was typed, by topic id, as `workflow.answer` takes it."""
        return {topic.pk: self[f"topic_{topic.pk}"].value() for topic in self.topics}
