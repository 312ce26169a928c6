################################################################################
# Package
################################################################################

variable "lambda_package_sha256" {
  description = "SHA-256 that the file in `lambda_package_path` must have, in hex as sha256sum prints it and as each release lists it. Another file is refused while planning. Null takes any file."
  type        = string
  default     = null

  validation {
    condition     = var.lambda_package_sha256 == null ? true : can(regex("^[0-9A-Fa-f]{64}$", var.lambda_package_sha256))
    error_message = "`lambda_package_sha256` is 64 hexadecimal digits, or null; got \"${var.lambda_package_sha256 == null ? "null" : var.lambda_package_sha256}\"."
  }

  validation {
    condition     = var.lambda_package_sha256 == null || var.lambda_package_path != null
    error_message = "`lambda_package_sha256` is for the file in `lambda_package_path`, which is not set: what `terraform apply` builds itself is known by its sources."
  }
}

variable "create_artifact_bucket" {
  description = "Whether the function is deployed by way of an S3 bucket that is made for it: private, encrypted, with versions. Without a bucket the package is uploaded to Lambda directly, which takes up to 50 MB; this one has a fifth of one."
  type        = bool
  default     = false
  nullable    = false
}

variable "artifact_bucket" {
  description = "Name of a bucket of your own, with versioning, by way of which the function is deployed. Null is none, or the one of `create_artifact_bucket`."
  type        = string
  default     = null

  validation {
    condition     = var.artifact_bucket == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.artifact_bucket))
    error_message = "`artifact_bucket` is a bucket's name, or null; got \"${var.artifact_bucket == null ? "null" : var.artifact_bucket}\"."
  }

  validation {
    condition     = var.artifact_bucket == null || !var.create_artifact_bucket
    error_message = "`artifact_bucket` names a bucket of yours, and `create_artifact_bucket` makes one: set one of the two."
  }
}

variable "artifact_bucket_force_destroy" {
  description = "Whether `terraform destroy` also deletes the packages in the bucket of `create_artifact_bucket`. False makes it fail while there are any. Set and apply it before you destroy."
  type        = bool
  default     = false
  nullable    = false
}

################################################################################
# Versions
################################################################################

variable "function_version" {
  description = "Number of the published version of the function that clients are served by: a roll-back, of code and settings together. Null is the newest. `lambda_served_version` shows the number in service."
  type        = string
  default     = null

  validation {
    condition     = var.function_version == null ? true : can(regex("^[1-9][0-9]*$", var.function_version))
    error_message = "`function_version` is the number of a version such as 7, or null; got \"${var.function_version == null ? "null" : var.function_version}\"."
  }
}

variable "lambda_provisioned_concurrency" {
  description = "Instances of the function that are kept ready, so that the messages that they serve never wait for a cold start. Each costs about $4.40 a month at 512 MB, used or not. 0 keeps none. Not more than `lambda_reserved_concurrency`, if that is set."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.lambda_provisioned_concurrency >= 0 && floor(var.lambda_provisioned_concurrency) == var.lambda_provisioned_concurrency
    error_message = "`lambda_provisioned_concurrency` is a whole number from 0 up; got ${var.lambda_provisioned_concurrency}."
  }

  validation {
    condition     = var.lambda_reserved_concurrency == -1 || var.lambda_provisioned_concurrency <= var.lambda_reserved_concurrency
    error_message = "`lambda_provisioned_concurrency` is at most `lambda_reserved_concurrency`, which is ${var.lambda_reserved_concurrency}; got ${var.lambda_provisioned_concurrency}."
  }
}

variable "xray_tracing" {
  description = "Whether X-Ray records a trace of a sample of the invocations, at $5 per million traces."
  type        = bool
  default     = false
  nullable    = false
}

################################################################################
# Network
################################################################################

variable "vpc_subnet_ids" {
  description = "Ids of the private subnets of your VPC that the function runs in, if a rule asks for it. They need a NAT: the function posts to peers by the public endpoint of API Gateway, and no VPC endpoint leads to a WebSocket API. Empty is no VPC, which is faster to destroy and costs nothing."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.vpc_subnet_ids : can(regex("^subnet-[0-9a-f]{8,17}$", id))])
    error_message = "`vpc_subnet_ids` is a list of ids such as subnet-0123456789abcdef0; got ${jsonencode(var.vpc_subnet_ids)}."
  }
}

variable "vpc_security_group_ids" {
  description = "Ids of the security groups of the function in `vpc_subnet_ids`. They let it out to port 443; nothing has to come in."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.vpc_security_group_ids : can(regex("^sg-[0-9a-f]{8,17}$", id))])
    error_message = "`vpc_security_group_ids` is a list of ids such as sg-0123456789abcdef0; got ${jsonencode(var.vpc_security_group_ids)}."
  }

  validation {
    condition     = (length(var.vpc_security_group_ids) > 0) == (length(var.vpc_subnet_ids) > 0)
    error_message = "`vpc_subnet_ids` and `vpc_security_group_ids` come together: a function in a VPC has at least one of each."
  }
}

################################################################################
# Permissions
################################################################################

variable "permissions_boundary" {
  description = "ARN of the IAM policy that bounds the permissions of the function's role, if the account's rules ask for one. Null is none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null ? true : can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[!-~]+$", var.permissions_boundary))
    error_message = "`permissions_boundary` is the ARN of an IAM policy, or null; got \"${var.permissions_boundary == null ? "null" : var.permissions_boundary}\"."
  }
}

variable "iam_role_path" {
  description = "Path of the function's role, such as `/signaling/`, if the account's rules ask for one. Another path makes a new role, before the old one is destroyed."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([!-~]{1,510}/)?$", var.iam_role_path))
    error_message = "`iam_role_path` begins and ends with a slash; got \"${var.iam_role_path}\"."
  }
}
