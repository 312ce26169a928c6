################################################################################
# Names
################################################################################

variable "aws_region" {
  description = "AWS region to deploy to, the nearer to the peers the better: joining and signaling take a few round trips to it."
  type        = string
  default     = "us-east-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.aws_region))
    error_message = "`aws_region` is a region's code such as us-east-1 or eu-central-1; got \"${var.aws_region}\"."
  }
}

variable "project_name" {
  description = "First part of every resource's name, `<project_name>-<stage>`. Two deployments in one account and region need different names or stages."
  type        = string
  default     = "p2pmesh-signaling"
  nullable    = false

  # A role's and a function's name have 64 characters; "-staging" takes 8 of them.
  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,54}[a-z0-9])?$", var.project_name))
    error_message = "`project_name` is 1 to 56 lowercase letters, digits and hyphens, with no hyphen at either end; got \"${var.project_name}\"."
  }
}

variable "stage" {
  description = "Stage of the deployment: `dev`, `staging` or `prod`. It is the last part of every resource's name and of the WebSocket URL."
  type        = string
  default     = "prod"
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod"], var.stage)
    error_message = "`stage` is one of dev, staging, prod; got \"${var.stage}\"."
  }
}

variable "tags" {
  description = "Tags for every resource, beside `Project`, `Stage` and `ManagedBy`, which a tag of the same name here replaces."
  type        = map(string)
  default     = {}
  nullable    = false

  # IAM takes two keys that differ in case only for the same one, and refuses the role.
  validation {
    condition = (
      length(distinct([for key in keys(merge(local.default_tags, var.tags)) : lower(key)])) ==
      length(merge(local.default_tags, var.tags))
    )
    error_message = "`tags` has keys that differ only in upper and lower case, from each other or from Project, Stage and ManagedBy, and AWS refuses those; got ${join(", ", keys(var.tags))}."
  }

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(lower(key), "aws:")])
    error_message = "`tags` has no key that begins with aws:, because AWS keeps those for itself; got ${join(", ", keys(var.tags))}."
  }

  # The characters that every service takes: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
  validation {
    condition = length(merge(local.default_tags, var.tags)) <= 50 && alltrue([
      for key, value in var.tags :
      can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}$", key)) && can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", value))
    ])
    error_message = "`tags` has at most 47 entries: keys of 1 to 128 and values of up to 256 letters, digits, spaces and _ . : / = + - @; got ${jsonencode(var.tags)}."
  }
}

################################################################################
# WebSocket API
################################################################################

variable "ip_address_type" {
  description = "Whether clients reach the API by IPv4 alone, `ipv4`, or by IPv6 too, `dualstack`."
  type        = string
  default     = "ipv4"
  nullable    = false

  validation {
    condition     = contains(["ipv4", "dualstack"], var.ip_address_type)
    error_message = "`ip_address_type` is one of ipv4, dualstack; got \"${var.ip_address_type}\"."
  }
}

variable "allowed_origins" {
  description = "Origins of the web pages that may connect: exact ones such as `https://app.example.com`, `https://*.example.com` for every subdomain, `chrome-extension://<id>` or `capacitor://localhost` for extensions and app shells, or `*` for any page. `null` admits every page without an origin: sandboxed frames, which any site can make, and files. WebSockets have no CORS, so this is what keeps other sites' pages out; it does not stop a program that sends a false origin."
  type        = list(string)
  default     = ["*"]
  nullable    = false

  validation {
    condition = length(var.allowed_origins) > 0 && alltrue([
      for origin in var.allowed_origins : contains(["*", "null", "file://"], origin) || (
        can(regex("^https?:", origin))
        ? can(regex("^https?://(\\*\\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$", origin))
        : can(regex("^[a-z][a-z0-9+.-]*://[A-Za-z0-9._-]+(:[0-9]{1,5})?$", origin)) && !can(regex("^wss?:", origin))
      )
    ])
    error_message = "`allowed_origins` is a list of at least one of \"*\", \"null\", an origin such as \"https://app.example.com\" or \"https://*.example.com\", or one of another scheme such as \"capacitor://localhost\"; each with the page's scheme, which is never ws or wss, and without a path or trailing slash; got ${jsonencode(var.allowed_origins)}."
  }
}

variable "allow_missing_origin" {
  description = "Whether a client that sends no Origin header may connect. Browsers always send one; wscat, Node.js and native apps do not."
  type        = bool
  default     = true
  nullable    = false
}

################################################################################
# Stage
################################################################################

variable "throttling_rate_limit" {
  description = "Messages and connects per second that the stage takes from all clients together, on average; API Gateway refuses what exceeds it. At least 1. Above 10,000 it has no effect until AWS raises the account's own limit, which all its APIs and the messages to peers share."
  type        = number
  default     = 1000
  nullable    = false

  # 0 is not "no limit": API Gateway then refuses everything.
  validation {
    condition     = var.throttling_rate_limit >= 1 && floor(var.throttling_rate_limit) == var.throttling_rate_limit
    error_message = "`throttling_rate_limit` is a whole number of requests per second, at least 1; got ${var.throttling_rate_limit}."
  }
}

variable "throttling_burst_limit" {
  description = "Messages and connects that the stage takes at once, above the rate limit, before it refuses more. At least 1; above 5,000 it has no effect, since AWS sets that for the account."
  type        = number
  default     = 500
  nullable    = false

  validation {
    condition     = var.throttling_burst_limit >= 1 && floor(var.throttling_burst_limit) == var.throttling_burst_limit
    error_message = "`throttling_burst_limit` is a whole number of requests, at least 1; got ${var.throttling_burst_limit}."
  }
}

variable "join_throttling_rate_limit" {
  description = "Joins per second that the stage takes from all clients together, on average, within `throttling_rate_limit`: a join costs far more than any other message. At least 1. Null is 200, or the stage's own limit if that is lower."
  type        = number
  default     = null

  validation {
    condition = var.join_throttling_rate_limit == null ? true : (
      var.join_throttling_rate_limit >= 1 && floor(var.join_throttling_rate_limit) == var.join_throttling_rate_limit &&
      var.join_throttling_rate_limit <= var.throttling_rate_limit
    )
    error_message = "`join_throttling_rate_limit` is a whole number of joins per second from 1 to `throttling_rate_limit`, which is ${var.throttling_rate_limit}, or null; got ${var.join_throttling_rate_limit == null ? "null" : var.join_throttling_rate_limit}."
  }
}

variable "join_throttling_burst_limit" {
  description = "Joins that the stage takes at once, above the rate limit, before it refuses more. At least 1. Null is 200, or the stage's own limit if that is lower."
  type        = number
  default     = null

  validation {
    condition = var.join_throttling_burst_limit == null ? true : (
      var.join_throttling_burst_limit >= 1 && floor(var.join_throttling_burst_limit) == var.join_throttling_burst_limit &&
      var.join_throttling_burst_limit <= var.throttling_burst_limit
    )
    error_message = "`join_throttling_burst_limit` is a whole number of joins from 1 to `throttling_burst_limit`, which is ${var.throttling_burst_limit}, or null; got ${var.join_throttling_burst_limit == null ? "null" : var.join_throttling_burst_limit}."
  }
}

################################################################################
# Function
################################################################################

variable "lambda_package_path" {
  description = "Path of a ready-made zip with index.mjs at its root, as `node scripts/build.mjs` writes it to dist/lambda.zip. Null lets `terraform apply` build it, which takes Node.js on the machine that applies."
  type        = string
  default     = null
}

variable "lambda_runtime" {
  description = "Lambda runtime, `nodejs22.x` or `nodejs24.x`, or a later one: the bundle is built for Node.js 22, and AWS creates no new functions on earlier ones. Lambda ends its support of `nodejs22.x` on 2027-04-30. `nodejs24.x` takes version 6.20 or later of the hashicorp/aws provider; an earlier one says `expected runtime to be one of`, and `terraform init -upgrade` gets a later one."
  type        = string
  default     = "nodejs22.x"
  nullable    = false

  validation {
    condition     = can(regex("^nodejs[0-9]+\\.x$", var.lambda_runtime)) ? tonumber(regex("[0-9]+", var.lambda_runtime)) >= 22 : false
    error_message = "`lambda_runtime` is nodejs<NN>.x with NN at least 22, because AWS has retired the earlier ones; got \"${var.lambda_runtime}\"."
  }
}

variable "lambda_memory_size" {
  description = "Memory of the function in MB, from 128 to 10240. CPU grows with it: little memory makes cold starts slow, much makes every millisecond cost more."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = var.lambda_memory_size >= 128 && var.lambda_memory_size <= 10240 && floor(var.lambda_memory_size) == var.lambda_memory_size
    error_message = "`lambda_memory_size` is a whole number of MB from 128 to 10240; got ${var.lambda_memory_size}."
  }
}

variable "lambda_timeout" {
  description = "Seconds after which Lambda stops the function, from 1 to 900. API Gateway stops waiting at 29 s and tells the client that it failed, so a larger value only pays for work that no client waits for."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.lambda_timeout >= 1 && var.lambda_timeout <= 900 && floor(var.lambda_timeout) == var.lambda_timeout
    error_message = "`lambda_timeout` is a whole number of seconds from 1 to 900; got ${var.lambda_timeout}."
  }
}

variable "lambda_reserved_concurrency" {
  description = "Messages that the function may handle at the same time, set aside for it out of the account's concurrency. -1 sets nothing aside and no cap, 0 switches the function off. AWS refuses a number that leaves less than 100 for the account's other functions: an account with 10, as a new one has, takes only -1 and 0. With the usual quota of 1,000, 100 protects the other functions."
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.lambda_reserved_concurrency >= -1 && floor(var.lambda_reserved_concurrency) == var.lambda_reserved_concurrency
    error_message = "`lambda_reserved_concurrency` is a whole number, -1 for none or from 0 up; got ${var.lambda_reserved_concurrency}."
  }
}

variable "log_level" {
  description = "Least severe lines that the function logs: `debug`, `info`, `warn` or `error`. No level logs session descriptions, candidates or tokens."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["debug", "info", "warn", "error"], var.log_level)
    error_message = "`log_level` is one of debug, info, warn, error; got \"${var.log_level}\"."
  }
}

variable "log_retention_days" {
  description = "Days that the function's log lines are kept, one of the numbers that CloudWatch offers from 1 to 3653. 0 keeps them for ever."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = contains(
      [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days,
    )
    error_message = "`log_retention_days` is one of 0 (for ever), 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653; got ${var.log_retention_days}."
  }
}

################################################################################
# Table
################################################################################

variable "table_point_in_time_recovery" {
  description = "Whether DynamoDB keeps 35 days of the table to go back to, for a price per GB. It holds the peers that are connected right now, so the only reason to go back is a rule that asks for it."
  type        = bool
  default     = false
  nullable    = false
}

variable "table_deletion_protection" {
  description = "Whether DynamoDB refuses to delete the table. `terraform destroy` then fails until this is false and applied."
  type        = bool
  default     = false
  nullable    = false
}

################################################################################
# Peers
################################################################################

variable "nearest_peers" {
  description = "Peers nearest to a newcomer by XOR of their ids that it is introduced to, from 1 to 16. Each is one more message per join, and one per leave."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.nearest_peers >= 1 && var.nearest_peers <= 16 && floor(var.nearest_peers) == var.nearest_peers
    error_message = "`nearest_peers` is a whole number from 1 to 16; got ${var.nearest_peers}."
  }
}

variable "far_peers" {
  description = "Further peers, from anywhere in the room, that a newcomer is introduced to, from 0 to 8. They join neighbourhoods into one mesh: with 0 a large room can fall into islands."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.far_peers >= 0 && var.far_peers <= 8 && floor(var.far_peers) == var.far_peers
    error_message = "`far_peers` is a whole number from 0 to 8; got ${var.far_peers}."
  }
}

variable "duplicate_peer_policy" {
  description = "The connection that keeps a peer id when a second one joins with it and cannot prove to be the same peer: `replace` closes the first connection, `reject` refuses the second."
  type        = string
  default     = "replace"
  nullable    = false

  validation {
    condition     = contains(["replace", "reject"], var.duplicate_peer_policy)
    error_message = "`duplicate_peer_policy` is one of replace, reject; got \"${var.duplicate_peer_policy}\"."
  }
}

################################################################################
# Callbacks
################################################################################

variable "callback_endpoint" {
  description = "URL, stage included and without a trailing slash, at which the function reaches the @connections of this API. Null is the API's own execute-api endpoint, which also answers behind a custom domain; set it only if that one cannot be reached."
  type        = string
  default     = null

  validation {
    condition     = var.callback_endpoint == null ? true : can(regex("^https?://[^\\s/?#]+(/[^\\s/?#]+)*$", var.callback_endpoint))
    error_message = "`callback_endpoint` is an http or https URL without a trailing slash, query or fragment, or null; got \"${var.callback_endpoint == null ? "null" : var.callback_endpoint}\"."
  }
}
