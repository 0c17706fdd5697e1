"""Chat templates with the behaviour of the released ones, family by family.

They are written for the fixtures and use, on purpose, the same template features as the released
files (namespaces, macros with defaults, slices, string methods, `tojson`, `raise_exception`), so
that a template engine that renders these renders those.
"""

# Qwen2-VL, Qwen2.5-VL: one line, a default system prompt, counted media.
_FLAT = (
    "{% set image_count = namespace(value=0) %}{% set video_count = namespace(value=0) %}"
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}"
    "<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' or 'image' in part or 'image_url' in part %}"
    "{% set image_count.value = image_count.value + 1 %}"
    "{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}"
    "<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif part['type'] == 'video' or 'video' in part %}"
    "{% set video_count.value = video_count.value + 1 %}"
    "{% if add_vision_id %}Video {{ video_count.value }}: {% endif %}"
    "<|vision_start|><|video_pad|><|vision_end|>"
    "{% elif 'text' in part %}{{ part['text'] }}{% endif %}"
    "{% endfor %}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

# Qwen2.5-Omni: as above, other marker names, and sound.
_OMNI = (
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}"
    "<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' or 'image' in part or 'image_url' in part %}"
    "<|vision_bos|><|IMAGE|><|vision_eos|>"
    "{% elif part['type'] == 'audio' or 'audio' in part or 'audio_url' in part %}"
    "<|audio_bos|><|AUDIO|><|audio_eos|>"
    "{% elif part['type'] == 'video' or 'video' in part %}"
    "<|vision_bos|><|VIDEO|><|vision_eos|>"
    "{% elif 'text' in part %}{{ part['text'] }}{% endif %}"
    "{% endfor %}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

_TOOLS = (
    "{{- '<|im_start|>system\\n' }}\n"
    "    {%- if messages[0].role == 'system' %}\n"
    "        {{- SYSTEM + '\\n\\n' }}\n"
    "    {%- endif %}\n"
    "    {{- '# Tools\\n\\nSignatures of the functions you may call:\\n<tools>' }}\n"
    "    {%- for tool in tools %}\n"
    "        {{- '\\n' }}\n"
    "        {{- tool | tojson }}\n"
    "    {%- endfor %}\n"
    "    {{- '\\n</tools><|im_end|>\\n' }}\n"
)

# Qwen3-VL: no default system prompt, tools, nothing about thinking.
_QWEN3_VL = (
    """{%- if tools %}
    """
    + _TOOLS.replace(
        "SYSTEM",
        "(messages[0].content if messages[0].content is string else messages[0].content[0].text)",
    )
    + """{%- elif messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].content is string %}
        {{- messages[0].content }}
    {%- else %}
        {%- for part in messages[0].content %}
            {%- if 'text' in part %}
                {{- part.text }}
            {%- endif %}
        {%- endfor %}
    {%- endif %}
    {{- '<|im_end|>\\n' }}
{%- endif %}
{%- set image_count = namespace(value=0) %}
{%- set video_count = namespace(value=0) %}
{%- for message in messages %}
    {%- if message.role == 'user' or (message.role == 'system' and not loop.first) or message.role == 'assistant' %}
        {{- '<|im_start|>' + message.role + '\\n' }}
        {%- if message.content is string %}
            {{- message.content }}
        {%- else %}
            {%- for part in message.content %}
                {%- if part.type == 'image' or 'image' in part or 'image_url' in part %}
                    {%- set image_count.value = image_count.value + 1 %}
                    {%- if add_vision_id %}Picture {{ image_count.value }}: {% endif -%}
                    <|vision_start|><|image_pad|><|vision_end|>
                {%- elif part.type == 'video' or 'video' in part %}
                    {%- set video_count.value = video_count.value + 1 %}
                    {%- if add_vision_id %}Video {{ video_count.value }}: {% endif -%}
                    <|vision_start|><|video_pad|><|vision_end|>
                {%- elif 'text' in part %}
                    {{- part.text }}
                {%- endif %}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
)

# Qwen3.5: thinking on (the prompt ends with an open <think>) or off (an empty, closed one); what
# was thought before the last question is not shown again.
_QWEN3_5 = (
    """{%- set image_count = namespace(value=0) %}
{%- set video_count = namespace(value=0) %}
{%- macro render_content(content, count_media, is_system=false) %}
    {%- if content is string %}
        {{- content }}
    {%- elif content is iterable and content is not mapping %}
        {%- for part in content %}
            {%- if part.type == 'image' or 'image' in part or 'image_url' in part %}
                {%- if is_system %}
                    {{- raise_exception('A system message holds no pictures.') }}
                {%- endif %}
                {%- if count_media %}
                    {%- set image_count.value = image_count.value + 1 %}
                {%- endif %}
                {%- if add_vision_id %}
                    {{- 'Picture ' ~ image_count.value ~ ': ' }}
                {%- endif %}
                {{- '<|vision_start|><|image_pad|><|vision_end|>' }}
            {%- elif part.type == 'video' or 'video' in part %}
                {%- if is_system %}
                    {{- raise_exception('A system message holds no videos.') }}
                {%- endif %}
                {%- if count_media %}
                    {%- set video_count.value = video_count.value + 1 %}
                {%- endif %}
                {%- if add_vision_id %}
                    {{- 'Video ' ~ video_count.value ~ ': ' }}
                {%- endif %}
                {{- '<|vision_start|><|video_pad|><|vision_end|>' }}
            {%- elif 'text' in part %}
                {{- part.text }}
            {%- else %}
                {{- raise_exception('A part of a message is of an unknown type.') }}
            {%- endif %}
        {%- endfor %}
    {%- elif content is none or content is undefined %}
        {{- '' }}
    {%- else %}
        {{- raise_exception('The content of a message is of an unknown type.') }}
    {%- endif %}
{%- endmacro %}
{%- if not messages %}
    {{- raise_exception('There are no messages.') }}
{%- endif %}
{%- if tools and tools is iterable and tools is not mapping %}
    """
    + _TOOLS.replace("SYSTEM", "render_content(messages[0].content, false, true)|trim")
    + """{%- elif messages[0].role == 'system' %}
    {%- set content = render_content(messages[0].content, false, true)|trim %}
    {{- '<|im_start|>system\\n' + content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(searching=true, last_question=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.searching and message.role == 'user' %}
        {%- set ns.searching = false %}
        {%- set ns.last_question = index %}
    {%- endif %}
{%- endfor %}
{%- if ns.searching %}
    {{- raise_exception('No question of the user was found.') }}
{%- endif %}
{%- for message in messages %}
    {%- set content = render_content(message.content, true)|trim %}
    {%- if message.role == 'system' %}
        {%- if not loop.first %}
            {{- raise_exception('The system message comes first.') }}
        {%- endif %}
    {%- elif message.role == 'user' %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == 'assistant' %}
        {%- set thought = '' %}
        {%- if message.reasoning_content is string %}
            {%- set thought = message.reasoning_content %}
        {%- elif '</think>' in content %}
            {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- set thought = thought|trim %}
        {%- if loop.index0 > ns.last_question %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + thought + '\\n</think>\\n\\n' + content }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- else %}
        {{- raise_exception('The role of a message is unknown.') }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- else %}
        {{- '<think>\\n' }}
    {%- endif %}
{%- endif %}
"""
)

TEMPLATES = {
    "qwen2_vl": _FLAT,
    "qwen2_5_vl": _FLAT,
    "qwen3_vl": _QWEN3_VL,
    "qwen2_5_omni": _OMNI,
    "qwen3_5": _QWEN3_5,
}

# What is rendered for `templates.json`. Each entry: messages and the template's variables.
_TEXT = {"type": "text", "text": "What is on the table?"}
_IMAGE = {"type": "image", "image": "still.png"}
_VIDEO = {"type": "video", "video": "clip.mp4"}
_AUDIO = {"type": "audio", "audio": "take.wav"}
_TOOL = {
    "type": "function",
    "function": {"name": "cut_to", "parameters": {"type": "object", "properties": {"shot": {"type": "integer"}}}},
}


def dialogues(family):
    """Messages and variables to render with the template of `family`."""
    plain = [{"role": "user", "content": "Describe the shot."}]
    parts = [{"role": "user", "content": [_IMAGE, _VIDEO, _IMAGE, _TEXT]}]
    system = [{"role": "system", "content": "You write captions for film."}] + parts
    system_parts = [{"role": "system", "content": [{"type": "text", "text": "You write captions."}]}] + plain
    turns = [
        {"role": "user", "content": [_IMAGE, {"type": "text", "text": "Who is she?"}]},
        {"role": "assistant", "content": "A woman in a red coat."},
        {"role": "user", "content": "And the dog?"},
    ]
    found = [
        {"messages": plain, "add_generation_prompt": True},
        {"messages": plain, "add_generation_prompt": False},
        {"messages": parts, "add_generation_prompt": True},
        {"messages": system, "add_generation_prompt": True},
        {"messages": system_parts, "add_generation_prompt": True},
        {"messages": turns, "add_generation_prompt": True},
    ]
    if family != "qwen2_5_omni":
        found.append({"messages": parts + turns, "add_generation_prompt": True, "add_vision_id": True})
    else:
        sound = [{"role": "user", "content": [_AUDIO, _VIDEO, _TEXT]}]
        found.append({"messages": sound, "add_generation_prompt": True})
    if family in ("qwen3_vl", "qwen3_5"):
        found.append({"messages": system, "add_generation_prompt": True, "tools": [_TOOL]})
    if family == "qwen3_5":
        thought = [
            turns[0],
            {"role": "assistant", "content": "<think>\nA coat, red.\n</think>\n\nA woman in a red coat."},
            turns[2],
        ]
        ended = thought + [{"role": "assistant", "content": "<think>\nSmall, brown.\n</think>\n\nIt keeps pace."}]
        reasoned = turns + [{"role": "assistant", "reasoning_content": " It is small. ", "content": "A terrier."}]
        for on in (True, False):
            found.append({"messages": thought, "add_generation_prompt": True, "enable_thinking": on})
        found.append({"messages": ended, "add_generation_prompt": False})
        found.append({"messages": reasoned, "add_generation_prompt": False})
    return found
