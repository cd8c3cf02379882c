"""Writes the price list of the package genai-prices as JSON, in the form of the list on its address."""

import datetime
import json
import sys
from decimal import Decimal

sys.path.insert(0, sys.argv[1])
from genai_prices.data import providers  # noqa: E402
from genai_prices.types import ConditionalPrice  # noqa: E402

LEFT_OUT = {'description', 'extractors', 'price_comments', 'pricing_urls', 'name', 'context_window', 'deprecated'}


def plain(value):
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, '__dict__'):
        fields = {name.rstrip('_'): plain(item) for name, item in vars(value).items() if item is not None}
        return {name: item for name, item in fields.items() if name not in LEFT_OUT}
    return value


def typed(constraint):
    fields = plain(constraint)
    return {'type': 'start_date' if 'start_date' in fields else 'time_of_date', **fields}


def model(each):
    fields = plain(each)
    for listed in (each.prices, each.price_variants):
        if not isinstance(listed, list):
            continue
        name = 'prices' if listed is each.prices else 'price_variants'
        for item, source in zip(fields[name], listed):
            if source.constraint is not None:
                item['constraint'] = typed(source.constraint)
    return fields


json.dump(
    [{**plain(each), 'models': [model(one) for one in each.models]} for each in providers],
    sys.stdout,
)
