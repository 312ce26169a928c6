################################################################################
# Metrics
################################################################################

variable "metrics" {
  description = "Metrics of the function in CloudWatch, such as joins, relayed signals, errors by code and the outcomes of its calls: `off`, `sampled` (one line of the log a minute for each running instance; the counts are exact, latencies are a sample) or `on` (every latency). The lines cost less than a cent for a million signals. Each metric costs up to $0.30 a month, for the hours in which it has a value; a busy deployment has about 16."
  type        = string
  default     = "sampled"
  nullable    = false

  validation {
    condition     = contains(["off", "sampled", "on"], var.metrics)
    error_message = "`metrics` is one of off, sampled, on; got \"${var.metrics}\"."
  }
}

################################################################################
# Dashboard and alarms
################################################################################

variable "create_dashboard" {
  description = "Whether CloudWatch gets a dashboard of the API, the function, the table and the function's own counts. $3.00 a month, except for an account's first three."
  type        = bool
  default     = false
  nullable    = false
}

variable "create_alarms" {
  description = "Whether CloudWatch gets alarms on errors, throttles, refused connects, departures that were missed, and on what messages cost. Each names a section in docs/operations.md, which says what to do. 17 alarms, $1.90 a month, except for an account's first ten; 11 with `metrics = \"off\"`."
  type        = bool
  default     = false
  nullable    = false
}

variable "alarm_actions" {
  description = "ARNs of what an alarm tells, such as an SNS topic. Without one an alarm shows in CloudWatch alone."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.alarm_actions) <= 5 && alltrue([for arn in var.alarm_actions : can(regex("^arn:[a-z-]+:[a-z0-9-]+:\\S+$", arn))])
    error_message = "`alarm_actions` is a list of at most five ARNs, such as arn:aws:sns:us-east-1:123456789012:alarms; got ${jsonencode(var.alarm_actions)}."
  }

  validation {
    condition     = length(var.alarm_actions) == 0 || var.create_alarms
    error_message = "`alarm_actions` has an effect only with `create_alarms`."
  }
}

variable "ok_actions" {
  description = "ARNs of what the end of an alarm tells."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.ok_actions) <= 5 && alltrue([for arn in var.ok_actions : can(regex("^arn:[a-z-]+:[a-z0-9-]+:\\S+$", arn))])
    error_message = "`ok_actions` is a list of at most five ARNs, such as arn:aws:sns:us-east-1:123456789012:alarms; got ${jsonencode(var.ok_actions)}."
  }

  validation {
    condition     = length(var.ok_actions) == 0 || var.create_alarms
    error_message = "`ok_actions` has an effect only with `create_alarms`."
  }
}

variable "alarm_dollars_per_hour" {
  description = "US dollars for API Gateway's messages in one hour, at the price of us-east-1, at which an alarm rises; the same for connects. The function and the table add a fifth or so. Above 0."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.alarm_dollars_per_hour > 0
    error_message = "`alarm_dollars_per_hour` is a number above 0; got ${var.alarm_dollars_per_hour}."
  }
}

variable "alarm_refused_connects" {
  description = "Connects refused by the function in five minutes, for their origin, their token or their number, at which an alarm rises. At least 1."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.alarm_refused_connects >= 1 && floor(var.alarm_refused_connects) == var.alarm_refused_connects
    error_message = "`alarm_refused_connects` is a whole number, at least 1; got ${var.alarm_refused_connects}."
  }
}

variable "alarm_concurrency" {
  description = "Messages that the function handles at the same time at which an alarm rises. Null is 80 % of `lambda_reserved_concurrency`, or 800 if that is not set: most accounts have 1,000. A new account has 10: set 8 there."
  type        = number
  default     = null

  validation {
    condition     = var.alarm_concurrency == null ? true : var.alarm_concurrency >= 1 && floor(var.alarm_concurrency) == var.alarm_concurrency
    error_message = "`alarm_concurrency` is a whole number, at least 1, or null; got ${var.alarm_concurrency == null ? "null" : var.alarm_concurrency}."
  }
}

################################################################################
# Access logs
################################################################################

variable "create_access_logs" {
  description = "Whether API Gateway logs one line for each connect, frame and disconnect: the route, the connection, the status and the error, and never a frame's content. A million lines cost about 15 cents. It takes `manage_account_logging`."
  type        = bool
  default     = false
  nullable    = false
}

variable "access_log_addresses" {
  description = "Whether these lines hold the addresses of clients. They are personal data in many countries."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.access_log_addresses || var.create_access_logs
    error_message = "`access_log_addresses` has an effect only with `create_access_logs`."
  }
}

variable "manage_account_logging" {
  description = "Whether this deployment sets the role under which every API of the account writes logs in `aws_region`: true makes it and replaces the one that is set, false relies on it. API Gateway has one for each account and region, so at most one deployment there sets this to true. `create_access_logs` takes either; `aws apigateway get-account` shows whether there is one."
  type        = bool
  default     = null
}
