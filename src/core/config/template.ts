/** What `byok config init` writes: every line a comment, so that it changes nothing until somebody edits it. */
export const CONFIG_TEMPLATE = `# byok's settings. Each is optional; README.md lists all of them with their defaults.
# \`byok config validate\` checks this file, \`byok config show\` shows what counts and where it is from.

# port: 8018
# host: 127.0.0.1

# Keys are best kept out of files: \${NAME} takes one from the environment.
# providers:
#   claude:
#     api_key: \${ANTHROPIC_API_KEY}
#   openrouter: # any other endpoint that speaks OpenAI's Chat Completions
#     type: openai-compatible
#     base_url: https://openrouter.ai/api/v1
#     api_key: \${OPENROUTER_API_KEY}

# Names of your own, in the order they are tried:
# models:
#   best: [claude/claude-sonnet-5-5, codex/gpt-6-sol]

# Which account comes first: priority, round-robin or least-busy.
# routing:
#   strategy: priority
`
