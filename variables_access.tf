################################################################################
# Tokens
################################################################################

variable "auth_mode" {
  description = "Which clients may join: with `none` all of them, with `jwt` the ones that bring a token of an identity provider, with `shared_secret` the ones that bring a token that your own server signed with a secret (HS256)."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "jwt", "shared_secret"], var.auth_mode)
    error_message = "`auth_mode` is one of none, jwt, shared_secret; got \"${var.auth_mode}\"."
  }
}

variable "auth_at_connect" {
  description = "Whether a client has to bring its token when it connects, and is refused with 401 without. False lets it bring the token in its `join` instead, so that no URL holds it, and every client may open a connection."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.auth_at_connect || var.auth_mode != "none"
    error_message = "`auth_at_connect` has no effect if `auth_mode` is none, and would keep no client out. Set `auth_mode` to jwt or shared_secret, or leave this false."
  }
}

variable "auth_claims_required" {
  description = "Whether a token must have the claims that `auth_peer_id_claim` and `auth_rooms_claim` name. With false, a token without one of them may join as any peer, or in any room."
  type        = bool
  default     = true
  nullable    = false
}

variable "auth_max_token_seconds" {
  description = "Longest time in seconds that a token may still be good for when it is shown, from 0 to 31536000 (a year): one with a later `exp` is refused. 0 sets no limit."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.auth_max_token_seconds >= 0 && var.auth_max_token_seconds <= 31536000 && floor(var.auth_max_token_seconds) == var.auth_max_token_seconds
    error_message = "`auth_max_token_seconds` is a whole number of seconds from 0 to 31536000; got ${var.auth_max_token_seconds}."
  }

  validation {
    condition     = var.auth_max_token_seconds == 0 || var.auth_mode != "none"
    error_message = "`auth_max_token_seconds` has no effect if `auth_mode` is none; got ${var.auth_max_token_seconds}."
  }
}

variable "auth_peer_id_claim" {
  description = "Claim of the token that says which peer id its bearer joins as, and no other. Empty lets it choose."
  type        = string
  default     = "sub"
  nullable    = false

  validation {
    condition     = can(regex("^\\S*$", var.auth_peer_id_claim))
    error_message = "`auth_peer_id_claim` is the name of a claim, without spaces, or empty; got \"${var.auth_peer_id_claim}\"."
  }
}

variable "auth_rooms_claim" {
  description = "Claim of the token that lists the rooms its bearer may join: names, and prefixes that end in `*`. Empty restricts no client."
  type        = string
  default     = "rooms"
  nullable    = false

  validation {
    condition     = can(regex("^\\S*$", var.auth_rooms_claim))
    error_message = "`auth_rooms_claim` is the name of a claim, without spaces, or empty; got \"${var.auth_rooms_claim}\"."
  }
}

variable "jwt_issuer" {
  description = "With `auth_mode = \"jwt\"`: the `iss` of the tokens, an https URL, to the last slash as the identity provider writes it."
  type        = string
  default     = null

  validation {
    condition     = var.jwt_issuer == null ? true : can(regex("^https://[^\\s/?#]+(/[^\\s?#]*)?$", var.jwt_issuer))
    error_message = "`jwt_issuer` is an https URL without a query or fragment; got \"${var.jwt_issuer == null ? "null" : var.jwt_issuer}\"."
  }

  validation {
    condition     = (var.jwt_issuer != null) == (var.auth_mode == "jwt")
    error_message = "`jwt_issuer` is needed if `auth_mode` is jwt, and only then; `auth_mode` is ${var.auth_mode}, got ${jsonencode(var.jwt_issuer)}."
  }
}

variable "jwt_audience" {
  description = "With `auth_mode = \"jwt\"`: the values that a token's `aud` may have, at least one. They tell tokens for this server from tokens that the same identity provider issues for other servers."
  type        = list(string)
  default     = []
  nullable    = false

  # The function gets them as one text.
  validation {
    condition     = alltrue([for audience in var.jwt_audience : can(regex("^[^\\s,]+$", audience))])
    error_message = "`jwt_audience` is a list of audiences without spaces and commas; got ${jsonencode(var.jwt_audience)}."
  }

  validation {
    condition     = (length(var.jwt_audience) > 0) == (var.auth_mode == "jwt")
    error_message = "`jwt_audience` has at least one entry if `auth_mode` is jwt, and none otherwise; `auth_mode` is ${var.auth_mode}, got ${jsonencode(var.jwt_audience)}."
  }
}

variable "jwt_jwks_url" {
  description = "With `auth_mode = \"jwt\"`: https URL of the identity provider's public keys. Null is `.well-known/jwks.json` under `jwt_issuer`: most providers have them there."
  type        = string
  default     = null

  validation {
    condition     = var.jwt_jwks_url == null ? true : can(regex("^https://[^\\s/?#]+(/[^\\s#]*)?$", var.jwt_jwks_url))
    error_message = "`jwt_jwks_url` is an https URL without a fragment, or null; got \"${var.jwt_jwks_url == null ? "null" : var.jwt_jwks_url}\"."
  }

  validation {
    condition     = var.jwt_jwks_url == null || var.auth_mode == "jwt"
    error_message = "`jwt_jwks_url` has an effect only if `auth_mode` is jwt; `auth_mode` is ${var.auth_mode}, got ${jsonencode(var.jwt_jwks_url)}."
  }
}

variable "auth_secret_name" {
  description = "With `auth_mode = \"shared_secret\"`: the place of the secret, `ssm:/path/name` for a SecureString of the SSM Parameter Store or `secretsmanager:name`. Its value is a secret of at least 32 characters, or two on two lines while you change from one to the other. Terraform sees the name alone."
  type        = string
  default     = null

  validation {
    condition     = var.auth_secret_name == null ? true : can(regex("^(ssm:([A-Za-z0-9_.-]+|(/[A-Za-z0-9_.-]+)+)|secretsmanager:[A-Za-z0-9/_+=.@-]+)$", var.auth_secret_name))
    error_message = "`auth_secret_name` is ssm:/path/name or secretsmanager:name, the name of a secret and not its value."
  }

  validation {
    condition     = (var.auth_secret_name != null) == (var.auth_mode == "shared_secret")
    error_message = "`auth_secret_name` is needed if `auth_mode` is shared_secret, and only then; `auth_mode` is ${var.auth_mode}, and a name is ${var.auth_secret_name == null ? "not " : ""}set."
  }
}

################################################################################
# Clients
################################################################################

variable "client_rate_limit" {
  description = "Frames per second that a single connection may send on average, from 1 to 10000. A frame above the rate is answered with `RATE_LIMITED`, and a client that keeps sending is cut off."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.client_rate_limit >= 1 && var.client_rate_limit <= 10000 && floor(var.client_rate_limit) == var.client_rate_limit
    error_message = "`client_rate_limit` is a whole number of frames per second from 1 to 10000; got ${var.client_rate_limit}."
  }
}

variable "client_burst_limit" {
  description = "Frames that a single connection may send at once, above its rate, from 1 to 10000. A newcomer that calls its peers sends a hundred in a second or two."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.client_burst_limit >= 1 && var.client_burst_limit <= 10000 && floor(var.client_burst_limit) == var.client_burst_limit
    error_message = "`client_burst_limit` is a whole number of frames from 1 to 10000; got ${var.client_burst_limit}."
  }
}

variable "source_rate_limit" {
  description = "Connects per second, and joins with searches per second, that one network address or one token's subject may make on average, from 0 to 10000, on top of the limits of each connection. Its frames are limited to as many for each join as a connection has. 0 turns this off, as you need it behind CloudFront or another proxy."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.source_rate_limit >= 0 && var.source_rate_limit <= 10000 && floor(var.source_rate_limit) == var.source_rate_limit
    error_message = "`source_rate_limit` is a whole number per second from 0 to 10000; got ${var.source_rate_limit}."
  }
}

variable "source_burst_limit" {
  description = "Connects, and joins with searches, that one network address or one token's subject may make at once, above its rate, from 1 to 1000000. The default is enough for an office of 200 peers behind one address."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.source_burst_limit >= 1 && var.source_burst_limit <= 1000000 && floor(var.source_burst_limit) == var.source_burst_limit
    error_message = "`source_burst_limit` is a whole number from 1 to 1000000; got ${var.source_burst_limit}."
  }
}

variable "join_deadline_seconds" {
  description = "Seconds within which a connection has to join, from 5 to 7200. A frame that comes later is refused and ends the connection. API Gateway itself ends a connection that sends nothing after 10 minutes, and one that only pings after 2 hours."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.join_deadline_seconds >= 5 && var.join_deadline_seconds <= 7200 && floor(var.join_deadline_seconds) == var.join_deadline_seconds
    error_message = "`join_deadline_seconds` is a whole number of seconds from 5 to 7200; got ${var.join_deadline_seconds}."
  }
}

################################################################################
# STUN and TURN
################################################################################

variable "stun_urls" {
  description = "STUN servers that peers are told of when they join, such as `stun:stun.example.com:3478`."
  type        = list(string)
  default     = []
  nullable    = false

  # Browsers refuse a query in these, and `//` in either.
  validation {
    condition     = alltrue([for url in var.stun_urls : can(regex("^stuns?:([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$", url))])
    error_message = "`stun_urls` is a list of stun:host, stun:host:port or the same with stuns:, without // and without a query; got ${jsonencode(var.stun_urls)}."
  }
}

variable "turn_urls" {
  description = "TURN servers that peers are told of when they join, each with its own password that expires: `turn:turn.example.com:3478?transport=udp`, `turns:turn.example.com:443?transport=tcp`. The servers know `turn_secret_name`'s secret, as coturn does by `use-auth-secret`."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for url in var.turn_urls : can(regex("^turns?:([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?(\\?transport=(udp|tcp))?$", url))])
    error_message = "`turn_urls` is a list of turn:host, turn:host:port or the same with turns:, without //, each with ?transport=udp or ?transport=tcp or neither; got ${jsonencode(var.turn_urls)}."
  }
}

# A warning and not an error: a server in a closed network, or one with a quota for each user, may be open on purpose.
check "turn_needs_tokens" {
  assert {
    condition     = length(var.turn_urls) == 0 || var.auth_mode != "none"
    error_message = "Every client may join, and every client that joins gets a password for the servers in `turn_urls`: strangers can send their traffic through them, at your cost. Set `auth_mode` to jwt or shared_secret."
  }
}

variable "turn_credential_seconds" {
  description = "Seconds that a TURN password is good for, from 600 to 7200. It ends with the client's connection or token if that is sooner. A client gets a new one with each welcome."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.turn_credential_seconds >= 600 && var.turn_credential_seconds <= 7200 && floor(var.turn_credential_seconds) == var.turn_credential_seconds
    error_message = "`turn_credential_seconds` is a whole number of seconds from 600 to 7200; got ${var.turn_credential_seconds}."
  }
}

variable "turn_secret_name" {
  description = "The place of the secret that the TURN servers share with the function, in the form of `auth_secret_name`; needed with `turn_urls`. Not the same secret: with it the operator of a TURN server could sign tokens."
  type        = string
  default     = null

  validation {
    condition     = var.turn_secret_name == null ? true : can(regex("^(ssm:([A-Za-z0-9_.-]+|(/[A-Za-z0-9_.-]+)+)|secretsmanager:[A-Za-z0-9/_+=.@-]+)$", var.turn_secret_name))
    error_message = "`turn_secret_name` is ssm:/path/name or secretsmanager:name, the name of a secret and not its value."
  }

  validation {
    condition     = (var.turn_secret_name != null) == (length(var.turn_urls) > 0)
    error_message = "`turn_secret_name` and `turn_urls` need each other: ${var.turn_secret_name == null ? "there are URLs and no secret to make passwords with" : "there is a secret and no server that knows it"}."
  }

  validation {
    condition     = var.turn_secret_name == null || var.turn_secret_name != var.auth_secret_name
    error_message = "`turn_secret_name` is another secret than `auth_secret_name`: with it the operator of a TURN server could sign tokens."
  }
}

################################################################################
# Encryption
################################################################################

variable "secrets_kms_key_arn" {
  description = "ARN of your own KMS key, if the secrets that the function reads are encrypted under one: it may then decrypt them. Null is for AWS's own keys, which need nothing."
  type        = string
  default     = null

  validation {
    condition     = var.secrets_kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:${var.aws_region}:[0-9]{12}:key/[A-Za-z0-9-]+$", var.secrets_kms_key_arn))
    error_message = "`secrets_kms_key_arn` is arn:aws:kms:<region>:<account>:key/<id> in `aws_region`, which is ${var.aws_region}, and not an alias; got \"${var.secrets_kms_key_arn == null ? "null" : var.secrets_kms_key_arn}\"."
  }

  validation {
    condition     = var.secrets_kms_key_arn == null || var.auth_secret_name != null || var.turn_secret_name != null
    error_message = "`secrets_kms_key_arn` has an effect only with `auth_secret_name` or `turn_secret_name`."
  }
}

variable "kms_key_arn" {
  description = "ARN of your own KMS key for the table, the log group and the function's environment. Null is AWS's own keys, at no price. The key's policy has to let `logs.<region>.amazonaws.com` encrypt, decrypt, make data keys and describe it, and to leave the rest to IAM policies, as a new key's policy does."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:${var.aws_region}:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "`kms_key_arn` is arn:aws:kms:<region>:<account>:key/<id> in `aws_region`, which is ${var.aws_region}, and not an alias; got \"${var.kms_key_arn == null ? "null" : var.kms_key_arn}\"."
  }
}
