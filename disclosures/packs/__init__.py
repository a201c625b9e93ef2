"""Rule packs: what each jurisdiction asks for, as dated and cited data; an engineering input, not legal advice."""
